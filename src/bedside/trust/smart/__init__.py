"""What an app may do: an OAuth 2 authorization server with SMART App Launch 2.2."""

"""The `bedside` command. Each command is a module; what it needs is imported only when it runs."""

"""`bedside`: the entry of the command line."""

from __future__ import annotations

import typer

from bedside.cli import ask, demo, export, load, load_terminology, reindex, serve

app = typer.Typer(
    name="bedside",
    help="Bedside: one FHIR R4 record for care, research and teaching.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve", epilog=serve.EXAMPLE)(serve.serve)
app.command("demo", epilog=demo.EXAMPLE)(demo.demo)
app.command("ask", epilog=ask.EXAMPLE)(ask.ask)
app.command("load", epilog=load.EXAMPLE)(load.load)
app.command("load-terminology", epilog=load_terminology.EXAMPLE)(load_terminology.load_terminology)
app.command("export", epilog=export.EXAMPLE)(export.export)
app.command("reindex", epilog=reindex.EXAMPLE)(reindex.reindex)


def main() -> None:
    """Run the command that was typed."""
    app()


if __name__ == "__main__":
    main()

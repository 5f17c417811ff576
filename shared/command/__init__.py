"""`turnout ...`: starts, supervises and sets up an installation. May import all of shared; nothing imports it."""

from importlib import import_module

import click

from shared.errors import SettingsError

# Command -> its module. Each is loaded when it is called, so that `turnout web` starts without what `up` needs.
COMMANDS = {
    "up": "shared.command.up:up",
    "web": "shared.command.serve:web",
    "worker": "shared.command.serve:worker",
    "scheduler": "shared.command.serve:scheduler",
    "migrate": "shared.command.migrate:migrate",
    "backup": "shared.command.backup:backup",
    "restore": "shared.command.restore:restore",
    "account": "shared.command.account:account",
    "organization": "shared.command.account:organization",
    "doctor": "shared.command.doctor.command:doctor",
    "demo": "shared.command.demo.command:demo",
}


class _Commands(click.Group):
    """The table above as a click group; a wrong setting is one line on stderr and status 2."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except SettingsError as error:
            click.echo(f"turnout: {error}", err=True)
            context.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="turnout")
def main() -> None:
    """Event registration and attendance that you run yourself."""

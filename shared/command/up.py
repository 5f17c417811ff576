"""`turnout up`: everything on one machine, supervised."""

import shlex
import sys
import time
from functools import partial
from pathlib import Path

import click

from shared.command import installation
from shared.command.arguments import PORT
from shared.command.home import DATA, Home, free_port, lan_address, require_port
from shared.command.logs import Log
from shared.command.missing import require_parts
from shared.command.orphans import stop_orphans
from shared.command.plan import Endpoint, Plan, environment
from shared.command.postgres import postgres_server
from shared.command.redis import redis_server
from shared.command.supervisor import Stopped, Supervisor
from shared.command.tour import Tour, lines


@click.command()
@click.option("--port", default=8000, show_default=True, type=PORT)
@click.option("--data", default=DATA, show_default=True, type=click.Path(path_type=Path))
@click.option("--no-demo", is_flag=True, help="Start empty, without the demo organization.")
@click.option("--no-evenings", is_flag=True, help="Leave the demo's sample evenings empty.")
@click.option("--lan", is_flag=True, help="For phones in this network: bind it, with a certificate made on the spot.")
def up(port: int, data: Path, no_demo: bool, no_evenings: bool, lan: bool) -> None:
    """Run everything on this machine: PostgreSQL, Redis, mailbox, web, worker, scheduler."""
    require_parts()
    endpoint = Endpoint(lan_address() if lan else "127.0.0.1", port, lan)
    home = Home(data)
    with home.lock(endpoint.base_url):
        if stopped := stop_orphans(home.path):
            click.echo(f"Stopped {stopped} processes that an earlier run had left behind")
        require_port(endpoint.host, endpoint.port)
        supervisor = Supervisor(partial(Log, home.logs), click.echo)
        supervisor.stop_on_signals()
        try:
            _run(supervisor, home, endpoint, demo=not no_demo, evenings=not no_evenings)
        except Stopped:
            click.echo("Stopped before it was ready.")
        finally:
            supervisor.stop()


def _run(supervisor: Supervisor, home: Home, endpoint: Endpoint, *, demo: bool, evenings: bool) -> None:
    began = time.monotonic()
    installation.unpublish(home)
    database = postgres_server(home.path / "postgres")
    broker = redis_server(home.path / "redis")
    mail_port = free_port()
    variables = environment(
        home,
        endpoint,
        DATABASE_URL=database.url,
        REDIS_URL=broker.url,
        SMTP_URL=f"smtp://127.0.0.1:{mail_port}",
        TURNOUT_DEMO=str(int(demo)),
    )
    plan = Plan(home, endpoint, variables)
    supervisor.start(database.part, broker.part, plan.mailbox(mail_port))
    tour = Tour.from_json(supervisor.finish(plan.preparation()))
    fingerprint = supervisor.finish(plan.certificate()).decode().strip() if endpoint.lan else ""
    supervisor.start(plan.worker(), plan.scheduler(), *plan.web())
    installation.publish(home, variables)
    _show(tour, home, endpoint, fingerprint, time.monotonic() - began)
    if tour.fills and evenings:
        click.echo("  The demo's sample evenings fill up in the background: this takes about a minute.")
        supervisor.start(plan.history())
    supervisor.watch()
    click.echo("\nStopping; the data stays.")


def _show(tour: Tour, home: Home, endpoint: Endpoint, fingerprint: str, seconds: float) -> None:
    click.echo(f"\n  Turnout is at {click.style(endpoint.base_url, bold=True)}, ready in {seconds:.1f} s\n")
    for line in lines(tour, command=_command("demo evening", home)):
        click.echo(line)
    if fingerprint:
        click.echo(f"\n  Browsers warn once; the certificate's SHA-256 fingerprint is\n  {fingerprint}")
    moved = home.path / "postgres"
    if moved.is_symlink():
        click.echo(f"\n  PostgreSQL's user cannot enter {home.path}; its files are in {moved.resolve()}")
    click.echo(f"\n  Data {home.path}, logs {home.logs}; Ctrl-C stops\n")
    sys.stdout.flush()


def _command(words: str, home: Home) -> str:
    """Return another command of ours as it is typed beside this one, with the same folder."""
    called = Path(sys.argv[0])
    program = [sys.executable, "-m", "shared.command"] if called.name == "__main__.py" else [_from_here(called)]
    data = [] if home.path == DATA.absolute() else ["--data", _from_here(home.path)]
    return shlex.join([*program, *words.split(), *data])


def _from_here(path: Path) -> str:
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)

"""The release: the wheel is whole, the lock is obeyed, and each service of docker-compose.yml starts and answers.

There is no Docker engine where the tests run, so each service's command runs as a process, on a PostgreSQL and a Redis
of its own, with the environment that the compose file gives it.
"""

import ast
import base64
import contextlib
import hashlib
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from ruamel.yaml import YAML
from sqlalchemy import create_engine, text

from shared.command import embedded
from shared.command.home import free_port
from shared.command.postgres import QUIET
from shared.command.processes import Process, halt, spawn, wait_until
from shared.config import read_settings

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
CHOSEN = {"SECRET_KEY": "k" * 32, "POSTGRES_PASSWORD": "secret", "PATH": str(Path(sys.executable).parent)}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def _filled_in(value: str, variables: dict[str, str]) -> str:
    def fill(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if kind == "?" and name not in variables:
            raise KeyError(name)
        return variables.get(name) or (rest if kind == "-" else "")

    return _VARIABLE.sub(fill, value)


@dataclass(frozen=True)
class Compose:
    """The compose file, and real servers in place of those that it names."""

    services: dict[str, Any]
    database_url: str
    redis_url: str
    folder: Path

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment variables of a compose service."""
        variables = {name: _filled_in(value, CHOSEN) for name, value in self.services[service]["environment"].items()}
        return CHOSEN | variables | {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    @contextlib.contextmanager
    def running(self, service: str, *more: str) -> Iterator[Process]:
        """Run a compose service as a process."""
        command = (sys.executable, "-m", "shared.command", *self.services[service]["command"], *more)
        part = Process(service, command, self.folder, self.environment(service))
        with (self.folder / f"{service}.log").open("wb") as log:
            process = spawn(part, log)
        try:
            yield part
            assert process.poll() is None, (self.folder / f"{service}.log").read_text()
        finally:
            halt(process, part.stop, 5)


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """Run the one-shot service of the compose file, as the others require; return the file."""
    services = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
    with embedded.temporary() as (database_url, redis_url):
        installation = Compose(services, database_url, redis_url, tmp_path_factory.mktemp("compose"))
        command = [sys.executable, "-m", "shared.command", *services["migrate"]["command"]]
        subprocess.run(
            command, env=installation.environment("migrate"), cwd=installation.folder, check=True, timeout=180
        )
        yield installation


def _says_ok(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_migrate_makes_the_tables(compose: Compose) -> None:
    url = read_settings(compose.environment("web")).database_url
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    engine.dispose()


def test_web_answers_and_so_does_the_images_health_check(compose: Compose) -> None:
    port = free_port()
    with compose.running("web", "--port", str(port)):
        assert wait_until(lambda: _says_ok(f"http://127.0.0.1:{port}/readyz"), lambda: True, 120)
        checked = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])\n", (ROOT / "Dockerfile").read_text(), re.DOTALL)
        assert checked
        _, *arguments = ast.literal_eval(checked[1].replace(":8000/", f":{port}/"))
        subprocess.run([sys.executable, *arguments], check=True, timeout=120)


def test_the_scheduler_rings_and_the_worker_answers(compose: Compose) -> None:
    broker = redis.from_url(compose.redis_url)
    with compose.running("scheduler"):
        assert wait_until(lambda: broker.llen("turnout") > 0, lambda: True, 120)
    with compose.running("worker"):
        assert wait_until(lambda: broker.llen("turnout") == 0, lambda: True, 120)
    broker.close()


def test_a_secret_that_is_not_set_stops_compose(compose: Compose) -> None:
    environment = compose.services["web"]["environment"]
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        without = {key: value for key, value in CHOSEN.items() if key != name}
        with pytest.raises(KeyError, match=name):
            [_filled_in(value, without) for value in environment.values()]


def test_our_services_are_confined(compose: Compose) -> None:
    for name in ("web", "worker", "scheduler", "migrate"):
        service = compose.services[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    published = [port for service in compose.services.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_databases_log_is_to_hold_no_row_that_was_refused(compose: Compose) -> None:
    options = [word for name, value in QUIET.items() for word in ("-c", f"{name}={value}")]
    assert compose.services["postgres"]["command"] == ["postgres", *options]


def test_the_image_copies_only_what_there_is() -> None:
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert sources
    assert [name for line in sources for name in line.split() if not (ROOT / name).exists()] == []


def _unwanted(folder: str, names: list[str]) -> set[str]:
    """The scanner's sources are built, not shipped."""
    return {"__pycache__"} | ({"door"} if Path(folder) == ROOT / "web" else set())


def test_the_wheel_carries_every_file_that_the_service_reads(tmp_path: Path) -> None:
    for name in ("shared", "web", "worker"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=_unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    out = tmp_path / "out"
    build = [UV, "build", "--quiet", "--offline", "--wheel", "--no-build-isolation", "--out-dir", out, tmp_path]
    subprocess.run(build, check=True, env={"VIRTUAL_ENV": sys.prefix, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    (wheel,) = out.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        str(path.relative_to(tmp_path))
        for name in ("shared", "web", "worker")
        for path in (tmp_path / name).rglob("*")
        if path.is_file() and path.suffix != ".cfg"
    }
    assert needed - carried == set()


def _wheel(folder: Path) -> str:
    """Write a wheel of one empty module; return its SHA-256."""
    facts = {
        "locked.py": "",
        "locked-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: locked\nVersion: 1\n",
        "locked-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_urlsafe(content)},{len(content)}\n" for name, content in facts.items())
    path = folder / "locked-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in {**facts, "locked-1.dist-info/RECORD": record}.items():
            wheel.writestr(name, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _urlsafe(content: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("lock", ["good", "corrupt", "without a hash", "without the package"])
def test_the_images_way_to_install_obeys_the_lock(tmp_path: Path, lock: str) -> None:
    used = re.search(r"VIRTUAL_ENV=/app uv (pip install .*--require-hashes.*)", (ROOT / "Dockerfile").read_text())
    assert used
    good = _wheel(tmp_path)
    lines = {
        "good": f"locked==1 --hash=sha256:{good}\n",
        "corrupt": f"locked==1 --hash=sha256:{'0' * 64}\n",
        "without a hash": "locked==1\n",
        "without the package": "",
    }
    (tmp_path / "requirements.lock").write_text(lines[lock])
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "it"\nversion = "1"\n[project.optional-dependencies]\nbackup = ["locked>=1"]\n'
    )
    command = [UV, *used[1].split(), "--offline", "--no-index", "--find-links", ".", "--target", "out"]
    asked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (asked.returncode == 0) == (lock == "good"), asked.stderr
    assert (tmp_path / "out" / "locked.py").exists() == (lock == "good")

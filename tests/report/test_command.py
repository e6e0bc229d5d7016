"""The command as a user runs it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from sample_space import Options, SampleServer, Space, make_space
from scripts.vendor import SHA256, checksum
from tap_backlog_duckdb.command import run_tap
from tap_backlog_report import command
from tap_backlog_report.page import in_script
from tests.secrets_guard import assert_no_secret
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def report(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run the command; return its exit code, and what it said."""
    result = subprocess.run(
        [sys.executable, "-m", "tap_backlog_report", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=None,
        timeout=300,
        check=False,
    )
    assert_no_secret(result.stderr)
    assert result.stdout == ""
    return result.returncode, result.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.fixture
def space() -> Space:
    space = make_space(Options(projects=3, users=5, teams=2, issues=230, activities=900))
    space.options.limits = dict.fromkeys(space.options.limits, 10**6)
    return space


def config_for(server: SampleServer, folder: Path) -> Path:
    file = folder / "config.json"
    key = server.space.options.admin_key
    file.write_text(json.dumps({"host": server.url, "api_key": key}))
    return file


def test_a_second_run_costs_what_an_idle_run_costs(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)
        code, said = report(folder, "--config", config, "--xlsx")
        assert code == 0, said
        first = server.count()
        assert f" {first} requests," in said
        assert "report.html: 230 issues, " in said
        assert "report.xlsx: 230 issues, " in said
        assert {path.name for path in folder.iterdir()} == {
            *("config.json", "backlog.duckdb", "report.html", "report.xlsx")
        }
        space.now += dt.timedelta(hours=1)
        changed = space.add_issue()
        code, said = report(folder, "--config", config)
        assert code == 0, said
        second = server.count() - first
    assert "report.html: 231 issues, " in said
    assert second < 22
    assert second < first / 1.5
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in page  # the language of the space
    assert in_script(changed["summary"]) in page


def test_a_report_between_two_loads_lets_the_second_read_only_what_changed(
    folder: Path, space: Space
) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)

        def load() -> tuple[int, str]:
            begin = server.count()
            command = [sys.executable, "-m", "tap_backlog_duckdb", "--run"]
            loading = subprocess.run(
                [*command, "backlog.duckdb", f"--config={config}"],
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
            row = re.search(r"^issues +([\d,]+)", loading.stdout, re.MULTILINE)
            return server.count() - begin, row[1] if row else ""

        assert load()[1] == "230"
        idle = load()
        space.now += dt.timedelta(hours=1)
        code, said = report(folder, "--config", config)
        assert code == 0, said
        assert load() == idle


def test_offline_nothing_is_asked(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        report(folder, "--config", config_for(server, folder))
    (folder / "report.html").unlink()
    output = folder / "new/page.html"
    code, said = report(folder, "--offline", "--output", output, "--lang", "en")
    assert code == 0, said
    page = output.read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    with duckdb.connect(str(folder / "backlog.duckdb")) as connection:
        row = connection.execute("SELECT as_of FROM report.space").fetchone()
    assert row is not None
    assert abs(row[0] - dt.datetime.now(dt.timezone.utc).date()) <= dt.timedelta(days=1)


def test_only_some_projects_are_shown(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)
        code, said = report(folder, "--config", config, "--projects", "WEB, APP")
    expected = sum(i["issueKey"][:3] in {"WEB", "APP"} for i in space.issues.values())
    assert code == 0, said
    assert f"report.html: {expected} issues" in said
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '"projects":["WEB","APP"]' in page
    assert '"OPS"' not in page
    code, said = report(folder, "--offline", "--projects", "WEB,NONE")
    assert code == 1
    assert said.splitlines()[-1] == (
        "ERROR: There is no project NONE in the file. There are: APP, OPS, WEB."
    )


def test_streams_that_were_not_loaded_are_no_problem(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)
        code, said = report(folder, "--config", config, "--select", "issues")
    assert code == 0, said
    assert "report.html: 230 issues, " in said


def test_a_run_that_fails_says_how_to_go_on(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)
        right = config.read_text()
        config.write_text(right.replace("sample-admin-key", "wrong"))
        code, said = report(folder, "--config", config)
        assert code == 1
        assert "Check `api_key`" in said
        assert said.splitlines()[-1] == "ERROR: Backlog was not read, see above."
        config.write_text(right)
        run_tap(folder / "backlog.duckdb", ["--config", str(config)])
        config.write_text(right.replace("sample-admin-key", "wrong"))
        code, said = report(folder, "--config", config)
    assert code == 1
    assert said.splitlines()[-1] == (
        "ERROR: Backlog was not read to the end, see above. Run it again, and it goes on "
        "from there; --offline draws what is in the file."
    )
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            [],
            "Name your settings: --config config.json. Without a key, try --demo.",
        ),
        (
            ["--offline"],
            "There is no backlog.duckdb yet. Run this command without --offline first.",
        ),
        (
            ["--offline", "--since", "2026-1-1"],
            "--since 2026-1-1 is not a day. Write it as 2026-01-01.",
        ),
        (
            ["--demo", "--config", "x", "--select", "issues"],
            "--select has no effect here: nothing is read from your space.",
        ),
        (["--offline", "--demo"], "Choose one of --offline and --demo."),
        (["--config"], "--config needs the name of a file, or ENV."),
        (["--offline", "--since", ""], "--since  is not a day. Write it as 2026-01-01."),
        (
            ["--offline", "--projects", " ,"],
            "--projects names no project. Write keys with commas: WEB,OPS.",
        ),
        (["--demo", "--file", "."], "--file . is a folder. Name a file in it."),
        (
            ["--demo", "--output", "."],
            "--output . is not a file. Name one: report.html.",
        ),
        (
            ["--demo", "--output", "/dev/null"],
            "--output /dev/null is not a file. Name one: report.html.",
        ),
        (
            ["--demo", "--output", "demo.duckdb"],
            (
                "--output demo.duckdb would replace another file of this run. "
                "Name it report.html."
            ),
        ),
        (
            ["--demo", "--xlsx", "--output", "week.xlsx"],
            (
                "--output week.xlsx would replace another file of this run. "
                "Name it report.html."
            ),
        ),
    ],
)
def test_a_wrong_option_is_told(folder: Path, arguments: list[str], words: str) -> None:
    assert report(folder, *arguments) == (1, f"ERROR: {words}\n")


def test_a_file_without_issues_is_told(folder: Path) -> None:
    duckdb.connect(str(folder / "backlog.duckdb")).close()
    code, said = report(folder, "--offline")
    assert code == 1
    assert said.splitlines()[-1] == (
        "ERROR: The file has no issues yet. Run this command without --offline and "
        "without --select."
    )


def test_the_demo_needs_no_key(folder: Path) -> None:
    code, said = report(folder, "--demo", "--lang", "en", "--since", "2026-08-01")
    assert code == 0, said
    assert "requests" in said
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '"since":"2026-08-01"' in page
    assert len(page.encode()) < 6_000_000
    assert {path.name for path in folder.iterdir()} == {"demo.duckdb", "report.html"}


def test_the_settings_of_the_readme_draw_the_page(folder: Path, space: Space) -> None:
    """They flatten rows and write times for people."""
    with SampleServer(space) as server:
        config = config_for(server, folder)
        sample = json.loads((ROOT / "sample_config.json").read_text())
        config.write_text(json.dumps({**sample, **json.loads(config.read_text())}))
        code, said = report(folder, "--config", config)
    assert code == 0, said
    assert "report.html: 230 issues, " in said


def test_settings_in_the_environment_draw_the_page(
    folder: Path, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_BACKLOG_FLATTENING_ENABLED", "true")
    monkeypatch.setenv("TAP_BACKLOG_FLATTENING_MAX_DEPTH", "1")
    monkeypatch.setenv("TAP_BACKLOG_API_KEY", space.options.admin_key)
    with SampleServer(space) as server:
        monkeypatch.setenv("TAP_BACKLOG_HOST", server.url)
        code, said = report(folder, "--config", "ENV")
    assert code == 0, said
    assert "report.html: 230 issues, " in said


def test_a_file_of_flattened_issues_is_told(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        config = config_for(server, folder)
        setting = folder / "flat.json"
        setting.write_text('{"flattening_enabled": true, "flattening_max_depth": 1}')
        options = ["--config", str(config), "--config", str(setting)]
        run_tap(folder / "backlog.duckdb", [*options, "--select", "issues"])
    code, said = report(folder, "--offline")
    assert code == 1
    assert said.splitlines()[-1] == (
        "ERROR: The issues in the file lack status: they were flattened, or your "
        "settings leave it out. Load them into another file: --file NAME.duckdb"
    )


def test_the_tap_answers_what_is_not_a_run(folder: Path, space: Space) -> None:
    with SampleServer(space) as server:
        options = ["--config", str(config_for(server, folder)), "--test"]
        result = subprocess.run(
            [sys.executable, "-m", "tap_backlog_report", *options],
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            check=False,
        )
    assert result.returncode == 0, result.stderr
    assert "This key may read all 15 streams that are selected." in result.stdout


def test_a_choice_that_does_not_fit_the_file_is_told(folder: Path, space: Space) -> None:
    space.info["timezone"] = "Nowhere/City"  # counts as UTC
    with SampleServer(space) as server:
        code, said = report(folder, "--config", config_for(server, folder))
    assert code == 0, said
    assert report(folder, "--offline", "--projects", "web, Ops")[0] == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '"projects":["WEB","OPS"]' in page
    code, said = report(folder, "--offline", "--since", "2099-01-01")
    assert code == 1
    assert said.startswith("ERROR: --since 2099-01-01 is after 20")
    assert said.endswith(", the last day known.\n")


def test_the_demo_replaces_nothing_but_a_demo(folder: Path) -> None:
    file = folder / "mine.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    code, said = report(folder, "--demo", "--file", file)
    assert code == 1
    assert said.splitlines()[-1] == (
        f"ERROR: {file} is not a file of the made-up space, and --demo would replace it. "
        "Name another --file, or remove this one."
    )
    with duckdb.connect(str(file)) as connection:
        assert connection.execute("SELECT answer FROM mine").fetchone() == (42,)


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    folder: Path, space: Space
) -> None:
    with SampleServer(space) as server:
        report(folder, "--config", config_for(server, folder))
    before = (folder / "report.html").read_bytes()
    (folder / ".report.html.part").mkdir()
    code, said = report(folder, "--offline", "--lang", "en")
    assert (code, said.splitlines()[-1]) == (1, "ERROR: report.html: Is a directory")
    assert (folder / "report.html").read_bytes() == before


def test_what_does_not_fit_into_memory_is_put_aside(
    folder: Path, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is with 20,000 issues."""
    with SampleServer(space) as server:
        report(folder, "--config", config_for(server, folder))
    query = (
        "SELECT range || repeat('x', 60) AS text FROM range(900000) ORDER BY text DESC"
    )
    found = []

    def sort(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        connection.execute("SET memory_limit = '40MB'")
        found.extend(connection.execute(f"{query} OFFSET 899999").fetchall())

    monkeypatch.setattr(command, "draw", sort)
    file, output = str(folder / "backlog.duckdb"), str(folder / "report.html")
    assert command.do(["--offline", "--file", file, "--output", output]) == 0
    assert found == [("0" + 60 * "x",)]


def test_without_a_browser_the_page_is_named(
    folder: Path, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "false")
    with SampleServer(space) as server:
        config = config_for(server, folder)
        code, said = report(folder, "--config", config, "--open")
    assert code == 0, said
    assert said.endswith("No browser was found. Open report.html in one.\n")


@pytest.mark.parametrize("module", ["duckdb", "xlsxwriter"])
def test_without_its_extra_the_report_says_how_to_install_it(module: str) -> None:
    script = (
        f"import sys, importlib.util as u; f = u.find_spec; "
        f"u.find_spec = lambda n: None if n == {module!r} else f(n); "
        "from tap_backlog_report.__main__ import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, "--demo"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr
        == "ERROR: Install the report first: pip install 'tap-backlog[report]'\n"
    )


def test_the_charting_library_is_the_one_that_was_chosen() -> None:
    assert checksum() == SHA256

"""`poststrasse check`: is everything there that the line needs? One line each: OK, or reason and remedy."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from console.calling import settings_of, show_json
from console.deciding_options import as_json_option
from console.exit_codes import ExitCode
from console.shape import plain
from pipeline.adapters.incoming import warm_tesseract
from pipeline.adapters.incoming.tesseract_probe import probe
from pipeline.adapters.ledger import engine as ledger_engine
from pipeline.adapters.letters.substitute_faces import INSTALL, installed_folder
from pipeline.adapters.profile_files import check_profiles, load_profiles
from pipeline.adapters.time_zones import zone_of
from pipeline.domain.errors import ProfileError
from pipeline.domain.postage import is_valid
from pipeline.domain.postal_products import PostageTable
from pipeline.domain.profiles import Profiles
from workers.settings import Settings

_FOLDERS = ("inbox", "outbox", "archive", "printcenter", "private")
_SHELVES = ("rejected", "returned", "manifests")
_SOON = timedelta(days=60)
_LITTLE_SPACE_BYTES = 2 * 1024**3
_TIMEOUT_S = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `code`: how the command ends if it is not `ok`. `note`: what will be wrong soon."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    code: ExitCode = ExitCode.MISSING_TOOL
    note: str = ""


@click.command(epilog="Example: poststrasse --root /srv/poststrasse check")
@as_json_option
@click.pass_context
def check(context: click.Context, /, as_json: bool) -> None:
    """Check tools, languages, folders, profiles, ledger and queue: one line each, OK or reason and remedy.

    Changes nothing. Ends with 4 if a tool, a language or a folder is missing, with 3 if a setting or a profile is
    wrong.
    """
    settings = settings_of(context)
    findings = list(_look(settings, datetime.now(UTC)))
    if as_json:
        show_json([{**plain(each), "code": 0 if each.ok else int(each.code)} for each in findings])
    else:
        for each in findings:
            click.echo(f"{'OK   ' if each.ok else 'WRONG'} {each.name}: {each.detail}")
            if each.remedy and not each.ok:
                click.echo(f"      {each.remedy}")
            if each.note:
                click.echo(f"      note: {each.note}")
    wrong = [each for each in findings if not each.ok]
    if wrong:
        click.echo(f"{len(wrong)} of {len(findings)} checks failed.", err=True)
        sys.exit(wrong[0].code)


def _look(settings: Settings, now: datetime) -> Iterator[Finding]:
    profiles = _profiles(settings)
    yield from _tools(profiles)
    yield from _fonts(profiles)
    yield from _folders(settings.root, profiles)
    yield _space(settings.root)
    yield _profile_finding(settings, profiles)
    if profiles is not None:
        yield _postage(profiles.postage, now.astimezone(zone_of(profiles.calendar.time_zone)).date())
    yield _ledger(settings.database_url)
    yield _queue(settings.redis_url)


def _profiles(settings: Settings) -> Profiles | None:
    try:
        return load_profiles(settings.profiles)
    except ProfileError:
        return None


def _profile_finding(settings: Settings, profiles: Profiles | None) -> Finding:
    if profiles is not None:
        detail = f"{len(profiles.municipalities)} municipalities, {len(profiles.jobs)} jobs, {settings.profiles}"
        return Finding("profiles", True, detail)
    faults = [each for each in check_profiles(settings.profiles) if not each.ok]
    first = f"{faults[0].file}: {faults[0].sentence}" if faults else "can't be read"
    remedy = f"poststrasse profiles check ({len(faults)} fault(s))"
    return Finding("profiles", False, first, remedy, ExitCode.SETTINGS)


def _postage(table: PostageTable, today: date) -> Finding:
    """Whether letters at home, and abroad where the table has it, find a product today, and two months from now."""
    remedy = "Append the products with their new prices and days to postage.toml."
    on_sale = [product for product in table.products if is_valid(product, today)]
    for abroad, letters in ((False, "letters at home"), (True, "letters abroad")):
        listed = not abroad or any(product.abroad for product in table.products)
        if listed and not any(product.abroad == abroad for product in on_sale):
            sentence = f"no product for {letters} is valid on {today}"
            return Finding("postage", False, sentence, remedy, ExitCode.SETTINGS)
    last = {product.id: product.valid_to for product in sorted(table.products, key=lambda each: each.valid_to)}
    ending = {product.id: last[product.id] for product in on_sale if last[product.id] < today + _SOON}
    note = f"{len(ending)} of them end on {min(ending.values())} or soon after. {remedy}" if ending else ""
    return Finding("postage", True, f"{len(on_sale)} products are valid on {today}", note=note)


def _tools(profiles: Profiles | None) -> Iterator[Finding]:
    """Tesseract with every language that a job asks for."""
    jobs = profiles.jobs.values() if profiles is not None else ()
    languages = sorted({job.incoming.language for job in jobs if job.incoming is not None}) or ["deu"]
    for language in languages:
        name = f"tesseract ({language})"
        try:
            facts = probe(language)
        except (OSError, ValueError) as error:
            yield Finding(name, False, str(error), "apt-get install tesseract-ocr tesseract-ocr-deu")
            continue
        hint = f"apt-get install tesseract-ocr {' '.join(f'tesseract-ocr-{each}' for each in language.split('+'))}"
        if facts.findings:
            yield Finding(name, False, " ".join(facts.findings), hint)
        elif not warm_tesseract.is_fit(language):
            again = hint.replace("install", "install --reinstall")
            yield Finding(name, False, "the language's model can't be loaded, it is damaged", again)
        else:
            yield Finding(name, True, f"version {facts.version}, model {facts.model_sha256[:12]}")


def _fonts(profiles: Profiles | None) -> Iterator[Finding]:
    """What letters that don't bring their fonts along are printed with, where a job asks for it."""
    rules = [job.outgoing.fonts for job in (profiles.jobs.values() if profiles is not None else ()) if job.outgoing]
    if any(each.missing == "embed" for each in rules):
        folder = installed_folder()
        said = "the Liberation fonts are not installed" if folder is None else f"Liberation, {folder}"
        yield Finding("fonts", folder is not None, said, "" if folder is not None else INSTALL)


def _folders(root: Path, profiles: Profiles | None) -> Iterator[Finding]:
    """Writable, and all on one file system, because everything appears by a rename."""
    there = _nearest_there(root)
    if there != root or not _usable(root):
        yield _root(root, there)
        return
    shares = [f"inbox/{m.id}/{job}" for m in (profiles.municipalities.values() if profiles else ()) for job in m.jobs]
    device = root.stat().st_dev
    for name in _FOLDERS:
        inside = [root / name, *(root / share for share in shares if share.startswith(f"{name}/"))]
        inside += sorted((root / name).glob("*/")) if name in ("outbox", "archive") else []
        inside += [each / shelf for each in inside[1:] for shelf in _SHELVES] if name == "outbox" else []
        yield _folder(name, [each for each in inside if os.path.lexists(each)], device)


def _mode(path: Path) -> int | None:
    """The mode of what is there, links followed; None also where a folder above lets nobody look."""
    try:
        return path.stat().st_mode
    except OSError:
        return None


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(_mode(path) or 0)


def _nearest_there(root: Path) -> Path:
    return next(each for each in (root, *root.parents) if _mode(each) is not None)


def _usable(folder: Path) -> bool:
    return _is_folder(folder) and os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _root(root: Path, there: Path) -> Finding:
    """A root that is not there yet, or of no use. `there`: itself, or the nearest folder above it."""
    if there != root and _usable(there):
        return Finding("folders", True, f"{root} is not there yet; it is made at the first start")
    fault = "is not writable" if _is_folder(there) else "is not a folder"
    detail = f"{root} {fault}" if there == root else f"{root} is not there, and {there} {fault}"
    return Finding("folders", False, detail, f"See POSTSTRASSE_ROOT. {_write_hint(root)}", ExitCode.SETTINGS)


def _folder(name: str, folders: list[Path], device: int) -> Finding:
    if not folders:
        return Finding(f"folder {name}", True, "not there yet; it is made at the first start")
    for each in folders:
        if not _is_folder(each):
            return Finding(f"folder {name}", False, f"{each} is not a folder", "Move away what lies in its place.")
        if not _usable(each):
            return Finding(f"folder {name}", False, f"{each} is not writable", _write_hint(each))
        if each.stat().st_dev != device:
            remedy = "Mount one file system at the root, and share its folders from there."
            return Finding(f"folder {name}", False, f"{each} lies on another file system than the root", remedy)
    return Finding(f"folder {name}", True, f"{folders[0]} ({len(folders)} folder(s), writable, one file system)")


def _write_hint(folder: Path) -> str:
    return f"chown it to the user that runs poststrasse (number {os.getuid()}), or choose another root: {folder}"


def _space(root: Path) -> Finding:
    there = _nearest_there(root)
    free = shutil.disk_usage(there).free
    remedy = f"Make room: at least {_LITTLE_SPACE_BYTES / 1e9:.0f} GB, and four times the largest file."
    return Finding("free space", free >= _LITTLE_SPACE_BYTES, f"{free / 1e9:.1f} GB free at {there}", remedy)


def _ledger(url: str) -> Finding:
    """Reachable, and of this version's schema; it is not changed, and not made where it is not there yet."""
    parsed = make_url(url)
    shown = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite" and _mode(Path(parsed.database or "")) is None:
        return Finding("ledger", True, f"{shown} is not there yet; it is made at the first start")
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.update_query_dict({"connect_timeout": str(_TIMEOUT_S)})
    config = Config()
    config.set_main_option("script_location", str(Path(ledger_engine.__file__).parent / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    try:
        engine = ledger_engine.open_engine(parsed.render_as_string(hide_password=False))
        with engine.connect().execution_options(reading=True) as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Finding("ledger", False, f"{shown}: {reason}", "See POSTSTRASSE_DATABASE_URL.", ExitCode.SETTINGS)
    if present == newest:
        return Finding("ledger", True, f"{shown}, schema {present}")
    detail = f"{shown} has schema {present}, this version has {newest}"
    return Finding("ledger", False, detail, "The next start brings it up to date.", ExitCode.SETTINGS)


def _queue(url: str) -> Finding:
    if not url:
        return Finding("queue", True, "in this process")
    try:
        client = Redis.from_url(url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S)
        client.ping()
        client.close()
    except (RedisError, ValueError) as error:
        remedy = "Start Redis, or see POSTSTRASSE_REDIS_URL."
        return Finding("queue", False, f"Redis does not answer: {error}", remedy, ExitCode.SETTINGS)
    return Finding("queue", True, "Redis answers")

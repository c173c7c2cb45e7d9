"""
The language server: what the editor says comes in, what was found goes out.

The only module that imports pygls. Nothing here waits for an audit: they run in the thread of a
`Schedule`, and each answer is about the last one that ended.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from praxis import __version__
from praxis.audit.facts.sources import Root
from praxis.errors import MissingLibraryError, PraxisError, ProjectError
from praxis.lsp import protocol
from praxis.lsp.positions import UNITS
from praxis.lsp.project import OpenProject, Snapshot, root_around
from praxis.lsp.protocol import Translator
from praxis.lsp.schedule import Schedule

try:
    from lsprotocol import types
    from lsprotocol.converters import get_converter
    from pygls.capabilities import get_capability
    from pygls.lsp.server import LanguageServer
    from pygls.uris import to_fs_path
except ImportError as error:
    raise MissingLibraryError(
        "praxis lsp needs pygls, which is not installed: pip install 'django-praxis[lsp]'"
    ) from error

TYPING_DELAY_S = 0.4
SAVING_DELAY_S = 0.05
_WATCHED = ("**/*.py", "**/*.html", "**/pyproject.toml", "**/praxis-baseline.json")

Place = tuple[Path, str]  # a project's folder, and a path in it


class Server(LanguageServer):
    """The server with the projects that its open documents belong to."""

    def __init__(self) -> None:
        super().__init__("praxis", __version__)
        self.converter = get_converter()
        self.projects: dict[Path, OpenProject] = {}
        self.snapshots: dict[Path, Translator] = {}
        self.places: dict[str, Place | None] = {}
        self.addresses: dict[Place, str] = {}  # as the editor writes them
        self.published: dict[Path, set[str]] = {}
        self.complaints: set[str] = set()
        self.tells_all = False
        self.may_end = False
        self._schedule: Schedule[Path, Snapshot] | None = None

    # Which project a document belongs to.

    def place_of(self, uri: str) -> Place | None:
        """The project of a document and its path there; None for what lies in none."""
        if uri not in self.places:
            self.places[uri] = place = self._find_place(uri)
            if place is not None:
                self.addresses[place] = uri
        return self.places[uri]

    def _find_place(self, uri: str) -> Place | None:
        name = to_fs_path(uri) if uri.startswith("file:") else None
        if name is None:
            return None
        try:
            path = Path(name).resolve(strict=True)
            root = root_around(path, self._folders())
        except (OSError, RuntimeError, PraxisError):
            return None
        self.projects.setdefault(root.folder, OpenProject(Root(root.folder, root.evidence)))
        return root.folder, path.relative_to(root.folder).as_posix()

    def _folders(self) -> list[Path]:
        names = [to_fs_path(folder.uri) for folder in self.workspace.folders.values()]
        if not names and self.workspace.root_path:
            names = [self.workspace.root_path]
        return [Path(name).resolve() for name in names if name]

    def uri_of(self, folder: Path, path: str) -> str:
        """The address of a path: the editor's own spelling where it has one."""
        return self.addresses.get((folder, path)) or (folder / path).as_uri()

    def documents(self, folder: Path) -> dict[str, Any]:
        """The open documents of a project by path."""
        return {
            place[1]: document
            for document in self.workspace.text_documents.values()
            if (place := self.place_of(document.uri)) is not None and place[0] == folder
        }

    # Audits.

    def ask(self, folder: Path, *, delay_s: float) -> None:
        """Have the project audited soon."""
        if self._schedule is None:
            loop = asyncio.get_running_loop()
            self._schedule = Schedule(loop, self._prepare, self._finish)
        self._schedule.ask(folder, delay_s=delay_s)

    def _prepare(self, folder: Path) -> Callable[[], Snapshot]:
        documents = self.documents(folder)
        self._versions = {path: document.version for path, document in documents.items()}
        texts = {path: document.source for path, document in documents.items()}
        return partial(self.projects[folder].audit, texts)

    def _finish(self, folder: Path, outcome: Snapshot | Exception) -> None:
        if isinstance(outcome, ProjectError):
            self.log(f"{folder}: {outcome}")
            return
        if isinstance(outcome, Exception):
            self.log(f"{folder}: not audited ({type(outcome).__name__}: {outcome})")
            return
        versions = self._versions
        agreed = self.workspace.position_encoding
        encoding = str(getattr(agreed, "value", agreed))
        self.snapshots[folder] = Translator(
            outcome,
            encoding if encoding in UNITS else "utf-16",
            uri_of=partial(self.uri_of, folder),
            version_of=versions.get,
            is_current=partial(self._is_current, folder, versions),
            names_versions=bool(
                get_capability(
                    self.client_capabilities, "workspace.workspace_edit.document_changes"
                )
            ),
        )
        for complaint in set(outcome.complaints) - self.complaints:
            self.tell(complaint)
        self.complaints.update(outcome.complaints)
        count = sum(map(len, outcome.findings.values()))
        self.log(f"{folder}: {count:,} findings in {outcome.result.duration_s:.2f} s")
        self.publish(folder)

    def _is_current(self, folder: Path, versions: dict[str, int | None], path: str) -> bool:
        document = self.documents(folder).get(path)
        if document is None:
            return path not in versions
        return path in versions and document.version == versions[path]

    # What is said.

    def publish(self, folder: Path) -> None:
        """Say what was found in the open documents, or, if the editor wants it, in all files."""
        translator = self.snapshots[folder]
        snapshot = translator.snapshot
        documents = self.documents(folder)
        told = set(documents) | (set(snapshot.findings) if self.tells_all else set())
        for path in sorted(told):
            if not translator.is_current(path):
                continue  # typed over meanwhile: another audit is on its way
            uri = self.uri_of(folder, path)
            version = documents[path].version if path in documents else None
            if path not in snapshot.unreadable:
                self._say(uri, translator.diagnostics(path), version)
            elif uri not in self.published.get(folder, ()):
                self._say(uri, [protocol.problem(snapshot.unreadable[path])], version)
            # else the editor keeps what it shows, and moves it with the text
        uris = {self.uri_of(folder, path) for path in told}
        for uri in self.published.get(folder, set()) - uris:
            self._say(uri, [])
        self.published[folder] = uris

    def _say(self, uri: str, found: list[protocol.Value], version: int | None = None) -> None:
        value = {"uri": uri, "diagnostics": found, "version": version}
        self.text_document_publish_diagnostics(
            self.converter.structure(value, types.PublishDiagnosticsParams)
        )

    def log(self, message: str) -> None:
        """Write a line into the editor's log."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Info, message))

    def tell(self, message: str) -> None:
        """Show a message."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    def shutdown(self) -> None:
        """End now: a thread may sit in an audit, another waits for input that never comes."""
        os._exit(0 if self.may_end else 1)

    def translator(self, uri: str) -> tuple[Translator, str] | None:
        """Who speaks of a document, if it still is what was audited."""
        place = self.place_of(uri)
        translator = self.snapshots.get(place[0]) if place is not None else None
        if place is None or translator is None or not translator.is_current(place[1]):
            return None
        return translator, place[1]


def make_server() -> Server:
    """A server that hears what an editor says."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        server.tells_all = isinstance(options, dict) and options.get("scope") == "project"

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        if get_capability(
            server.client_capabilities, "workspace.did_change_watched_files.dynamic_registration"
        ):
            _watch(server)

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.may_end = True

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        _audit(server, params.text_document.uri, SAVING_DELAY_S)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        _audit(server, params.text_document.uri, TYPING_DELAY_S)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if server.places.get(uri) is None:
            server.places.pop(uri, None)  # it was not on the disk before
        place = server.place_of(uri)
        if place is not None:  # what cannot be read is told now
            server.published.get(place[0], set()).discard(uri)
        _audit(server, uri, SAVING_DELAY_S)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        _audit(server, params.text_document.uri, SAVING_DELAY_S)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            name = to_fs_path(change.uri)
            for folder in server.projects if name else ():
                if Path(str(name)).is_relative_to(folder):
                    server.ask(folder, delay_s=TYPING_DELAY_S)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        found = server.translator(params.text_document.uri)
        if found is None:
            return None
        translator, path = found
        value = translator.hover(path, params.position.line, params.position.character)
        return None if value is None else server.converter.structure(value, types.Hover)

    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = server.translator(params.text_document.uri)
        only = params.context.only
        if found is None or (only and not any("quickfix".startswith(kind) for kind in only)):
            return []
        translator, path = found
        asked = server.converter.unstructure(params.range)
        return [
            server.converter.structure(value, types.CodeAction)
            for value in translator.actions(path, asked)
        ]

    return server


def _audit(server: Server, uri: str, delay_s: float) -> None:
    place = server.place_of(uri)
    if place is not None:
        server.ask(place[0], delay_s=delay_s)


def _watch(server: Server) -> None:
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
    registration = types.Registration(
        id="praxis-files",
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=options,
    )
    server.client_register_capability(types.RegistrationParams([registration]))


def serve() -> None:
    """Speak with the editor over stdin and stdout until it says that it is enough."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints would garble the conversation
    make_server().start_io(incoming, outgoing)

"""An editor, as far as the language server can tell: messages over the pipes of a real process."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from praxis.audit.cache import FOLDER_VARIABLE

PATIENCE_S = 20.0

Message = dict[str, Any]


class Editor:
    """Starts the server for the folder *root*."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "praxis", "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {FOLDER_VARIABLE: str(cache)},
            cwd=root,
        )
        self.seen: list[Message] = []
        self._incoming: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._count = 0
        self._versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream = self.process.stdout
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                self._incoming.put(None)
                return
            self._incoming.put(json.loads(stream.read(length)))

    # Messages.

    def _send(self, message: Message) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self._count += 1
        self._send({"id": self._count, "method": method, "params": params})
        answer = self.wait(
            lambda message: message.get("id") == self._count and "method" not in message
        )
        assert "error" not in answer, answer
        return answer["result"]

    def wait(self, wanted) -> Message:
        """The next message that *wanted* says yes to."""
        while True:
            message = self._incoming.get(timeout=PATIENCE_S)
            assert message is not None, "the server has ended"
            self.seen.append(message)
            if message.get("method") == "client/registerCapability":
                self._send({"id": message["id"], "result": None})
            if wanted(message):
                return message

    # What an editor does.

    def start(self, *, encodings: list[str] | None = None, **options: Any) -> Message:
        capabilities = {
            "workspace": {
                "workspaceEdit": {"documentChanges": True},
                "didChangeWatchedFiles": {"dynamicRegistration": True},
            }
        }
        if encodings is not None:
            capabilities["general"] = {"positionEncodings": encodings}
        result = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self.root.as_uri(),
                "workspaceFolders": [{"uri": self.root.as_uri(), "name": "site"}],
                "capabilities": capabilities,
                "initializationOptions": options or None,
            },
        )
        self.notify("initialized", {})
        return result

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str) -> list[Message]:
        """What is shown of the file, once it is open."""
        self.texts[path] = (self.root / path).read_bytes().decode()
        self._versions[path] = 1
        document = {"uri": self.uri(path), "languageId": "python", "version": 1}
        self.notify("textDocument/didOpen", {"textDocument": document | {"text": self.texts[path]}})
        return self.shown(path)

    def type(self, path: str, text: str) -> None:
        """Have the document hold *text*, unsaved."""
        self.texts[path] = text
        self._versions[path] += 1
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri(path), "version": self._versions[path]},
                "contentChanges": [{"text": text}],
            },
        )

    def save(self, path: str) -> None:
        (self.root / path).write_bytes(self.texts[path].encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": self.uri(path)}})

    def shown(self, path: str) -> list[Message]:
        """What is shown of the document as it is now, as soon as the server says so."""

        def is_it(message: Message) -> bool:
            params = message.get("params") or {}
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == self.uri(path)
                and params.get("version") in (None, self._versions.get(path))
            )

        return self.wait(is_it)["params"]["diagnostics"]

    def actions(self, path: str, where: Message) -> list[Message]:
        return self.request(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": self.uri(path)},
                "range": where,
                "context": {"diagnostics": []},
            },
        )

    def apply(self, action: Message) -> None:
        """Make the edits of a code action, counting in UTF-16 as an editor does."""
        for change in action["edit"]["documentChanges"]:
            (path,) = [
                path for path in self.texts if self.uri(path) == change["textDocument"]["uri"]
            ]
            assert change["textDocument"]["version"] == self._versions[path]
            lines = self.texts[path].splitlines(keepends=True) or [""]
            lines.append("")

            def offset(position: Message, lines: list[str] = lines) -> int:
                before = sum(map(len, lines[: position["line"]]))
                units = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
                return before + len(units.decode("utf-16-le"))

            edits = [
                (offset(edit["range"]["start"]), offset(edit["range"]["end"]), edit["newText"])
                for edit in change["edits"]
            ]
            text = self.texts[path]
            for start, end, new in sorted(edits, reverse=True):
                text = text[:start] + new + text[end:]
            self.type(path, text)

    def stop(self) -> int:
        """Say good-bye; the exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE_S)
        self.process.stdin.close()
        self.process.stdout.close()

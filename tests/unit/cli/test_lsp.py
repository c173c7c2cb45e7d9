import subprocess
import sys


def test_says_what_to_install_without_pygls(tmp_path):
    (tmp_path / "pygls.py").write_text("raise ImportError('not here')\n")
    finished = subprocess.run(
        [sys.executable, "-m", "praxis", "lsp"],
        input="",
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}", "PATH": ""},
    )
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "pip install 'django-praxis[lsp]'" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_package_needs_no_pygls():
    code = (
        "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None\n"
        "import praxis.lsp, praxis.lsp.project, praxis.lsp.protocol, praxis.lsp.schedule\n"
        "import praxis.cli.lsp\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_tells_what_it_is_for(run):
    result = run("lsp", "--help")
    assert result.exit_code == 0
    assert "--stdio" in result.stdout

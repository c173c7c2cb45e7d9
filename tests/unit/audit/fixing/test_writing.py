import os
import stat

import pytest

from praxis.audit.facts.sources import digest_of
from praxis.audit.findings import Problem
from praxis.audit.fixing.writing import Replacement, real_path, refusal_to_write, remove_leftovers


@pytest.fixture
def root(tmp_path):
    (tmp_path / "a.py").write_bytes(b"old\n")
    return tmp_path.resolve()


def replacement(root, expected=b"old\n", data=b"new\n"):
    return Replacement(root, "a.py", digest_of(expected), data)


def test_replaces_the_content_and_leaves_nothing_beside(root):
    assert replacement(root).commit() is None
    assert (root / "a.py").read_bytes() == b"new\n"
    assert [path.name for path in root.iterdir()] == ["a.py"]


def test_the_file_is_untouched_until_it_is_replaced(root):
    made = replacement(root)
    assert (root / "a.py").read_bytes() == b"old\n"
    made.discard()
    assert [path.name for path in root.iterdir()] == ["a.py"]


@pytest.mark.parametrize("mode", [0o640, 0o755, 0o600])
def test_keeps_the_mode(root, mode):
    (root / "a.py").chmod(mode)
    assert replacement(root).commit() is None
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_keeps_the_owner(root):
    os.chown(root / "a.py", 1234, 2345)
    assert replacement(root).commit() is None
    status = (root / "a.py").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)


def test_refuses_a_file_that_changed_after_it_was_read(root):
    made = replacement(root)
    (root / "a.py").write_bytes(b"somebody else's\n")
    assert "a.py changed since it was read" in made.commit()
    assert (root / "a.py").read_bytes() == b"somebody else's\n"
    assert [path.name for path in root.iterdir()] == ["a.py"]


def test_refuses_a_file_that_is_gone(root):
    made = replacement(root)
    (root / "a.py").unlink()
    assert made.commit() is not None
    assert list(root.iterdir()) == []


def test_refuses_a_file_that_became_a_link(root):
    made = replacement(root)
    (root / "a.py").rename(root / "b.py")
    (root / "a.py").symlink_to("b.py")
    assert "not a plain file" in made.commit()
    assert (root / "a.py").is_symlink()


def test_each_version_is_of_a_later_second(root):
    """A compiled file is taken for its source by whole seconds and size."""
    seconds = [int((root / "a.py").stat().st_mtime)]
    before = b"old\n"
    for data in (b"one\n", b"two\n", b"old\n"):
        assert replacement(root, before, data).commit() is None
        before = data
        seconds.append(int((root / "a.py").stat().st_mtime))
    assert seconds == sorted(set(seconds))


def test_says_why_a_file_cannot_be_written(root):
    (root / "folder").mkdir()
    (root / "link.py").symlink_to("a.py")
    (root / "locked.py").write_text("")
    (root / "locked.py").chmod(0o444)
    assert refusal_to_write(root, "a.py") is None
    assert "not a plain file" in refusal_to_write(root, "folder")
    assert "not a plain file" in refusal_to_write(root, "link.py")
    assert "read-only" in refusal_to_write(root, "locked.py")
    assert "No such file" in refusal_to_write(root, "none.py")


def test_follows_links_inside_of_the_project_alone(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "b.py"
    outside.write_text("")
    (root / "out.py").symlink_to(outside)
    (root / "in.py").symlink_to("a.py")
    (root / "loop.py").symlink_to("loop.py")
    (root / "broken.py").symlink_to("none.py")
    assert real_path(root, "in.py") == "a.py"
    assert isinstance(real_path(root, "out.py"), Problem)
    assert isinstance(real_path(root, "loop.py"), Problem)
    assert isinstance(real_path(root, "broken.py"), Problem)


def test_removes_what_a_killed_run_left_and_nothing_else(root):
    replacement(root)
    (root / ".a.py.swp").write_text("an editor's")
    remove_leftovers(root, "a.py")
    assert sorted(path.name for path in root.iterdir()) == [".a.py.swp", "a.py"]

import pytest

from praxis.audit.report.html.markup import Markup, element, join, text


def test_escapes_what_is_not_markup():
    made = element("p", "<script>", element("b", '"&"'), Markup("<hr>"), class_='a"b', data_x="<")
    assert (
        made == '<p class="a&quot;b" data-x="&lt;">&lt;script&gt;<b>&quot;&amp;&quot;</b><hr></p>'
    )


def test_leaves_out_what_is_not_there():
    assert element("p", None, [None, "x", 0], id=None, hidden=False, open=True) == "<p open>x0</p>"


def test_closes_elements_without_content():
    assert element("input", type="radio") == '<input type="radio" />'


@pytest.mark.parametrize("nasty", ["\x1b[31m", "\u202e", "\x00", "\u2028"])
def test_shows_control_characters_and_directions_as_pictures(nasty):
    assert nasty not in text(f"a{nasty}b")
    assert nasty not in element("p", title=f"a{nasty}b")


def test_keeps_tabs_and_line_ends_of_text():
    assert text("a\tb\nü") == "a\tb\nü"


def test_joins():
    assert join(["<", Markup("<")]) == "&lt;<"

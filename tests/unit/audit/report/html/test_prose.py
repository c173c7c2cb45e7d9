from praxis.audit.report.html.prose import inline, prose


def test_paragraphs_code_and_addresses():
    made = prose(
        "Ask ``a < b``\nor `c`.\n\nSee https://docs.example/x#y.\n\n"
        "```python\nif a < b:\n    c\n```\n"
    )
    assert made == (
        "<p>Ask <code>a &lt; b</code> or <code>c</code>.</p>"
        '<p>See <a href="https://docs.example/x#y" rel="noreferrer">https://docs.example/x#y</a>.</p>'
        '<pre class="example"><code>if a &lt; b:\n    c</code></pre>'
    )


def test_html_in_the_documentation_is_text():
    assert inline("<b>`</b>`") == "&lt;b&gt;<code>&lt;/b&gt;</code>"

from praxis.audit.flow.interpreter.watched_models import WatchedIndex, common_digest, content_of
from tests.unit.audit.facts.models.test_classes import HEAD, index_of

ORDER = "model:shop/models.py:Order"
MODELS = f"# file: shop/models.py\n{HEAD}\nclass Order(models.Model):\n    pass\n"
VIEW = "# file: shop/views.py\nfrom shop.models import Order\n\nclass View:\n    x = 1\n"


def test_a_change_in_a_view_leaves_what_is_known_of_models():
    before, after = index_of(MODELS + VIEW), index_of(MODELS + VIEW.replace("x = 1", "y = 2"))
    assert common_digest(after) == common_digest(before)
    assert content_of(after, ORDER) == content_of(before, ORDER)


def test_a_field_changes_its_model_alone():
    before = index_of(MODELS + VIEW)
    after = index_of(MODELS.replace("pass", "x = models.TextField()") + VIEW)
    assert common_digest(after) == common_digest(before)
    assert content_of(after, ORDER) != content_of(before, ORDER)


def test_a_further_model_is_known_to_all():
    further = f"{MODELS}class Line(models.Model):\n    pass\n"
    assert common_digest(index_of(further)) != common_digest(index_of(MODELS))


def test_whatever_is_looked_at_is_noted():
    noted = []
    index = WatchedIndex(index_of(MODELS), noted.append)
    key = "shop/models.py", "Order"
    assert key in index.models
    assert not noted
    assert index.models[key] is index.model(key)
    assert index.owner_of("line_set") is None
    assert index.heirs_of(key) == []
    assert noted == [ORDER, ORDER, "owner:line_set", "heirs:shop/models.py:Order"]

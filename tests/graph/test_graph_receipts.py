"""The two receipts of the fish book: every number forward and backward, as known from the text."""

import pytest

from sknumpynet.graph import Add, Input, Multiply, backpropagate, evaluate


def test_two_apples_with_tax():
    price, number, tax = Input(100), Input(2), Input(1.1)
    apples = price * number
    total = apples * tax

    assert evaluate(total) == pytest.approx(220)
    assert apples.value == pytest.approx(200)

    backpropagate(total)
    assert total.gradient == 1
    assert apples.gradient == pytest.approx(1.1)
    assert price.gradient == pytest.approx(2.2)
    assert number.gradient == pytest.approx(110)
    assert tax.gradient == pytest.approx(200)


def test_apples_and_oranges_with_tax():
    apple_price, number_of_apples = Input(100), Input(2)
    orange_price, number_of_oranges = Input(150), Input(3)
    tax = Input(1.1)
    apples = Multiply(apple_price, number_of_apples)
    oranges = Multiply(orange_price, number_of_oranges)
    subtotal = Add(apples, oranges)
    total = Multiply(subtotal, tax)

    evaluate(total)
    receipt = [float(node.value) for node in (apples, oranges, subtotal, total)]
    assert receipt == pytest.approx([200, 450, 650, 715])

    backpropagate(total)
    assert apple_price.gradient == pytest.approx(2.2)
    assert number_of_apples.gradient == pytest.approx(110)
    assert orange_price.gradient == pytest.approx(3.3)
    assert number_of_oranges.gradient == pytest.approx(165)
    assert tax.gradient == pytest.approx(650)
    for node in (apples, oranges, subtotal):
        assert node.gradient == pytest.approx(1.1)

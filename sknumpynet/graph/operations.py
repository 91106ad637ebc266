"""The operations: each is one formula (``forward``) and its derivative (``backward``).

Let L be the number at the end of the graph. ``dy`` stands for the gradient of y, the array of all
dL/dy_i, and has the shape of y. ``backward`` gets the gradient of its result and returns those of
its inputs, by the chain rule: dL/dx_j = sum over i of dL/dy_i * dy_i/dx_j.
"""

from __future__ import annotations

import numpy as np

from .node import Array, Node


class Add(Node):
    """``y = a + b``, entry by entry; a, b, y have one shape, or a and b broadcast to that of y.

    Examples
    --------
    >>> from sknumpynet.graph import Input, evaluate
    >>> evaluate(Input([[1, 2], [3, 4]]) + Input([10, 20]))
    array([[11., 22.],
           [13., 24.]])
    """

    symbol = "+"

    def forward(self, a: Array, b: Array) -> Array:
        """Return a + b."""
        return a + b

    def backward(self, dy: Array, a: Array, b: Array) -> tuple[Array, Array]:
        """Return da = dy and db = dy."""
        # dy/da = 1 and dy/db = 1: a sum hands the gradient on to both sides.
        da = dy
        db = dy
        return undo_broadcasting(da, a.shape), undo_broadcasting(db, b.shape)


class Multiply(Node):
    """``y = a * b``, entry by entry; a, b, y have one shape, or a and b broadcast to that of y.

    Examples
    --------
    >>> from sknumpynet.graph import Input, evaluate
    >>> evaluate(2 * Input([[1, 2], [3, 4]]))
    array([[2., 4.],
           [6., 8.]])
    """

    symbol = "×"

    def forward(self, a: Array, b: Array) -> Array:
        """Return a * b."""
        return a * b

    def backward(self, dy: Array, a: Array, b: Array) -> tuple[Array, Array]:
        """Return da = dy * b and db = dy * a."""
        # dy/da = b and dy/db = a: each side gets the gradient times the other side.
        da = dy * b
        db = dy * a
        return undo_broadcasting(da, a.shape), undo_broadcasting(db, b.shape)


class MatMul(Node):
    """``Y = A B``, the product of two matrices; A: (n, k), B: (k, m), Y: (n, m).

    Examples
    --------
    >>> from sknumpynet.graph import Input, evaluate
    >>> evaluate(Input([[1, 2], [3, 4]]) @ Input([[1], [10]]))
    array([[21.],
           [43.]])
    """

    symbol = "@"

    def forward(self, A: Array, B: Array) -> Array:
        """Return A B."""
        _check_product(A, B)
        return A @ B

    def backward(self, dY: Array, A: Array, B: Array) -> tuple[Array, Array]:
        """Return dA = dY B^T and dB = A^T dY."""
        # Y_ij = sum_k A_ik B_kj.
        # A_ik stands in row i of Y, each time with the factor B_kj: dA_ik = sum_j dY_ij B_kj.
        # B_kj stands in column j of Y, each time with the factor A_ik: dB_kj = sum_i A_ik dY_ij.
        dA = dY @ B.T
        dB = A.T @ dY
        return dA, dB


class Linear(Node):
    """``Y = X W + b``, a layer of weighted sums; X: (n, k), W: (k, m), b: (m,), Y: (n, m).

    X has a row for each of n samples. The offset b is added to every row.

    Examples
    --------
    >>> from sknumpynet.graph import Input, Linear, Parameter, evaluate
    >>> X = Input([[1, 2], [3, 4], [5, 6]])
    >>> W = Parameter([[1], [10]])
    >>> b = Parameter([100])
    >>> evaluate(Linear(X, W, b))
    array([[121.],
           [143.],
           [165.]])
    """

    symbol = "XW+b"

    def forward(self, X: Array, W: Array, b: Array) -> Array:
        """Return X W + b."""
        _check_product(X, W)
        if b.shape != (W.shape[1],):
            raise ValueError("the third must have one entry for each column of the second")
        return X @ W + b

    def backward(self, dY: Array, X: Array, W: Array, b: Array) -> tuple[Array, Array, Array]:
        """Return dX = dY W^T, dW = X^T dY and db, the sum of the rows of dY."""
        # Y_ij = sum_k X_ik W_kj + b_j. The first two are those of a product, see MatMul.
        # b_j stands in every row i of column j, with the factor 1: db_j = sum_i dY_ij.
        dX = dY @ W.T
        dW = X.T @ dY
        db = dY.sum(axis=0)
        return dX, dW, db


class ReLU(Node):
    """``y = max(x, 0)``, entry by entry; x, y: any one shape.

    At x = 0 there is a kink and no derivative; the gradient is taken to be 0 there.

    Examples
    --------
    >>> from sknumpynet.graph import Input, ReLU, evaluate
    >>> evaluate(ReLU(Input([-2, 0, 3])))
    array([0., 0., 3.])
    """

    symbol = "ReLU"

    def forward(self, x: Array) -> Array:
        """Return max(x, 0)."""
        return np.maximum(x, 0)

    def backward(self, dy: Array, x: Array) -> Array:
        """Return dx = dy where x > 0, and 0 elsewhere."""
        # Where x > 0, y = x and dy/dx = 1; where x < 0, y = 0 and dy/dx = 0.
        return dy * (x > 0)


class Sigmoid(Node):
    """``y = 1 / (1 + exp(-x))``, entry by entry; x, y: any one shape, y between 0 and 1.

    Examples
    --------
    >>> from sknumpynet.graph import Input, Sigmoid, evaluate
    >>> evaluate(Sigmoid(Input([-1000, 0, 1000])))
    array([0. , 0.5, 1. ])
    """

    symbol = "σ"

    def forward(self, x: Array) -> Array:
        """Return 1 / (1 + exp(-x))."""
        # exp(-x) overflows if x is very negative. There, multiply above and below by exp(x):
        # y = exp(x) / (exp(x) + 1). Either way the exponent is -|x|, and exp(-|x|) is at most 1.
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1, e) / (1 + e)

    def backward(self, dy: Array, x: Array) -> Array:
        """Return dx = dy * y * (1 - y)."""
        # dy/dx = exp(-x) / (1 + exp(-x))^2 = y * exp(-x) / (1 + exp(-x)) = y * (1 - y).
        y = self.value
        return dy * y * (1 - y)


class Tanh(Node):
    """``y = tanh(x)``, entry by entry; x, y: any one shape, y between -1 and 1.

    Examples
    --------
    >>> from sknumpynet.graph import Input, Tanh, evaluate
    >>> evaluate(Tanh(Input([-1000, 0, 1000])))
    array([-1.,  0.,  1.])
    """

    symbol = "tanh"

    def forward(self, x: Array) -> Array:
        """Return tanh(x)."""
        return np.tanh(x)

    def backward(self, dy: Array, x: Array) -> Array:
        """Return dx = dy * (1 - y^2)."""
        # y = sinh / cosh, so dy/dx = (cosh * cosh - sinh * sinh) / cosh^2 = 1 - y^2.
        y = self.value
        return dy * (1 - y**2)


class Softmax(Node):
    """``Y_ij = exp(Z_ij) / sum_k exp(Z_ik)``, each row as probabilities; Z, Y: (n, m).

    For training, ``SoftmaxCrossEntropy`` takes the scores Z themselves; this node is for looking at
    the probabilities.

    Examples
    --------
    >>> from sknumpynet.graph import Input, Softmax, evaluate
    >>> evaluate(Softmax(Input([[0, 0], [1000, 0]])))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    symbol = "soft-\nmax"

    def forward(self, Z: Array) -> Array:
        """Return exp(Z), each row divided by its sum."""
        _check_matrix(Z)
        return np.exp(_log_softmax(Z))

    def backward(self, dY: Array, Z: Array) -> Array:
        """Return dZ = Y * (dY - the sum of each row of dY * Y)."""
        # In one row, dy_j/dz_k = y_j (1 - y_k) if j = k, and -y_j y_k if not. Hence
        # dz_k = sum_j dy_j dy_j/dz_k = dy_k y_k - sum_j dy_j y_j y_k.
        Y = self.value
        return Y * (dY - (dY * Y).sum(axis=1, keepdims=True))


class SoftmaxCrossEntropy(Node):
    """``L = -1/n sum_ij T_ij log softmax(Z)_ij``; scores Z: (n, m), targets T: (n, m), L: ().

    Row i of T holds the wanted probabilities of the m classes for sample i: usually 1 for the
    true class and 0 for all others. Each row must sum to 1.

    Softmax and cross-entropy are one node because together they are simpler than apart. The
    logarithm undoes the exponential, so nothing overflows and no log(0) can occur, and the gradient
    of the scores is just the difference (Y - T) / n.

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynet.graph import Input, SoftmaxCrossEntropy, evaluate
    >>> labels = [2, 0]
    >>> loss = SoftmaxCrossEntropy(Input(np.zeros((2, 3))), Input(np.eye(3)[labels]))
    >>> print(round(float(evaluate(loss)), 6), round(float(np.log(3)), 6))
    1.098612 1.098612
    """

    symbol = "cross-\nentropy"

    def forward(self, Z: Array, T: Array) -> Array:
        """Return the mean over the rows of -sum_j T_ij log softmax(Z)_ij."""
        _check_matrix(Z)
        _check_same_shape(Z, T)
        if not np.allclose(T.sum(axis=1), 1):
            raise ValueError("each row of the second must sum to 1")
        return -(T * _log_softmax(Z)).sum() / len(Z)

    def backward(self, dL: Array, Z: Array, T: Array) -> tuple[Array, Array]:
        """Return dZ = dL (Y - T) / n with Y = softmax(Z), and dT = -dL log(Y) / n."""
        # For one row, log y_j = z_j - log sum_k exp(z_k), whose derivative to z_k is
        # (1 if j = k else 0) - y_k. The loss of the row is -sum_j t_j log y_j, hence
        # dz_k = -t_k + y_k sum_j t_j = y_k - t_k, since the targets of a row sum to 1.
        log_Y = _log_softmax(Z)
        dZ = dL * (np.exp(log_Y) - T) / len(Z)
        dT = -dL * log_Y / len(Z)
        return dZ, dT


class MeanSquaredError(Node):
    """``L = mean over all entries of (P - T)^2``; predictions P, targets T: one shape, L: ().

    Examples
    --------
    >>> from sknumpynet.graph import Input, MeanSquaredError, evaluate
    >>> evaluate(MeanSquaredError(Input([[1], [2]]), Input([[1], [5]])))
    array(4.5)
    """

    symbol = "MSE"

    def forward(self, P: Array, T: Array) -> Array:
        """Return the mean of (P - T)^2."""
        # Without this check (n, 1) and (n,) would broadcast to n * n differences, silently.
        _check_same_shape(P, T)
        return ((P - T) ** 2).mean()

    def backward(self, dL: Array, P: Array, T: Array) -> tuple[Array, Array]:
        """Return dP = dL * 2 (P - T) / (number of entries) and dT = -dP."""
        # Each entry adds (p - t)^2 / P.size to the mean. The derivative of that to p is
        # 2 (p - t) / P.size.
        dP = dL * 2 * (P - T) / P.size
        return dP, -dP


def undo_broadcasting(dy: Array, shape: tuple[int, ...]) -> Array:
    """Sum ``dy`` over the axes along which an array of ``shape`` was repeated.

    Broadcasting uses one entry in several places. All of them send back a gradient, and like the
    gradients of a node with several uses they are added.

    Parameters
    ----------
    dy : ndarray
        The gradient after broadcasting.
    shape : tuple of int
        The shape before broadcasting.

    Returns
    -------
    ndarray of shape ``shape``

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynet.graph.operations import undo_broadcasting
    >>> undo_broadcasting(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    >>> undo_broadcasting(np.ones((4, 3)), (4, 1))
    array([[3.],
           [3.],
           [3.],
           [3.]])
    """
    new_axes = tuple(range(dy.ndim - len(shape)))  # broadcasting adds missing axes in front
    dy = dy.sum(axis=new_axes)
    stretched_axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return dy.sum(axis=stretched_axes, keepdims=True)


def _log_softmax(Z: Array) -> Array:
    """Return ``log softmax(Z)_ij = Z_ij - log sum_k exp(Z_ik)``; Z and result: (n, m)."""
    # Subtracting the same number from a whole row changes nothing, as it cancels in the fraction.
    # With the largest score subtracted, no exponent is above 0 and the sum is at least 1.
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def _check_matrix(Z: Array) -> None:
    if Z.ndim != 2:
        raise ValueError("the first must be a matrix, a row for each sample")


def _check_product(A: Array, B: Array) -> None:
    if A.ndim != 2 or B.ndim != 2 or A.shape[1] != B.shape[0]:
        raise ValueError(
            "the first two must be matrices, and the first must have as many columns "
            "as the second has rows"
        )


def _check_same_shape(P: Array, T: Array) -> None:
    if P.shape != T.shape:
        raise ValueError("both must have the same shape")

"""Copies, pickles, dtypes and threads of a network."""

import copy
import pickle
import threading

import numpy as np
import pytest

from sknumpynet.network import Architecture, Network, Workspace, build_layers


def make(dtype="float64", sizes=(8, 5)):
    layers = build_layers(Architecture(3, sizes, ["tanh"] * len(sizes), 2))
    network = Network.initialized(layers, dtype, np.random.default_rng(0))
    network.theta[:] = np.random.default_rng(1).normal(size=network.theta.size)
    return network


def scores(network, x):
    return network.forward(x, Workspace(network, len(x))).copy()


X = np.random.default_rng(2).normal(size=(7, 3))
COPIES = [
    copy.deepcopy,
    lambda network: pickle.loads(pickle.dumps(network)),
    lambda network: network.astype("float64"),
]


@pytest.mark.parametrize("duplicate", COPIES, ids=["deepcopy", "pickle", "astype"])
def test_a_copy_computes_the_same_and_stands_alone(duplicate):
    network = make()
    twin, before = duplicate(network), scores(network, X)
    np.testing.assert_array_equal(scores(twin, X), before)
    twin.theta[:] = 0
    np.testing.assert_array_equal(scores(twin, X), 0)
    np.testing.assert_array_equal(scores(network, X), before)


@pytest.mark.parametrize("duplicate", COPIES, ids=["deepcopy", "pickle", "astype"])
def test_views_of_a_copy_stay_attached_to_its_theta(duplicate):
    twin = duplicate(make())
    for p in twin.parameters():
        for view in vars(p).values():
            assert np.shares_memory(view, twin.theta)


def test_an_object_that_holds_a_network_and_its_theta_keeps_them_together():
    network = make()
    twin, theta = copy.deepcopy((network, network.theta))
    assert twin.theta is theta


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_pickle_is_about_the_size_of_theta(dtype):
    network = make(dtype, sizes=(100, 100))
    scores(network, X.astype(dtype))
    assert len(pickle.dumps(network)) < network.theta.nbytes + 2000


def test_astype_rounds_and_leaves_the_original():
    network = make()
    single = network.astype("float32")
    assert (single.theta.dtype, network.theta.dtype) == (np.float32, np.float64)
    assert scores(single, X.astype("float32")).dtype == np.float32
    np.testing.assert_allclose(single.theta, network.theta, rtol=1e-7)


def test_theta_is_kept_and_may_be_changed_in_place():
    theta = np.zeros(make().theta.size)
    network = Network(make().layers, theta)
    assert network.theta is theta
    workspace = Workspace(network, len(X))
    theta[:] = make().theta
    np.testing.assert_array_equal(network.forward(X, workspace), scores(make(), X))


def test_initialization_depends_on_the_seed_only():
    layers = build_layers(Architecture(3, (8, 5), ["relu", "tanh"], 2))
    thetas = [
        Network.initialized(layers, dtype, np.random.default_rng(seed)).theta
        for seed, dtype in [(0, "float64"), (0, "float64"), (1, "float64"), (0, "float32")]
    ]
    np.testing.assert_array_equal(thetas[0], thetas[1])
    assert (thetas[0] != thetas[2]).any()
    np.testing.assert_array_equal(thetas[0].astype("float32"), thetas[3])


def test_a_workspace_for_prediction_has_no_gradient():
    assert Workspace(make(), 4).gradient.size == 0
    assert Workspace(make(), 4, training=True).gradient.size == make().layout.n_trained


def test_threads_with_workspaces_of_their_own_give_the_serial_result():
    network = make(sizes=(64, 64))
    inputs = [np.random.default_rng(seed).normal(size=(50, 3)) for seed in range(2)]
    serial = [scores(network, x) for x in inputs]
    barrier, wrong = threading.Barrier(2), []

    def work(i):
        workspace = Workspace(network, 50)
        barrier.wait()
        for _ in range(200):
            if not np.array_equal(network.forward(inputs[i], workspace), serial[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []

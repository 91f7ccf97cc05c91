"""The guards of the test run itself work."""

from __future__ import annotations

import socket
import time
import warnings

import pytest


def test_the_network_is_refused() -> None:
    with pytest.raises(RuntimeError, match="tests have no network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(RuntimeError, match="tests have no network"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_may_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address, timeout=1) as client:
            assert client.getpeername() == address


def test_the_zone_is_fixed() -> None:
    assert time.timezone == -int(5.75 * 3600)


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)

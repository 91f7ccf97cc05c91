"""The `expected` engine: closed-form means and variances, without chance."""

from sousveil.engine.expected.expect import expect, know, noticed_by_subset
from sousveil.engine.expected.known import Known
from sousveil.engine.expected.prepare import Prepared, prepare

__all__ = ["Known", "Prepared", "expect", "know", "noticed_by_subset", "prepare"]

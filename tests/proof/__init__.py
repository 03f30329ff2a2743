"""Tests of cases, CAP and figures."""

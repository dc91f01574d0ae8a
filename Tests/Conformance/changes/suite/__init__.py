"""Calls while everything changes."""

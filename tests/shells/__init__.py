"""Completion with real presses of TAB in real shells; `test_tab.py` says what it needs."""

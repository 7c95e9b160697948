"""The engines of claims: pure functions over dates, won and bytes."""

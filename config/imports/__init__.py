"""Other systems' policies and claims, brought in through the same services that people use."""

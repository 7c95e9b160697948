"""The screens of stage 3."""

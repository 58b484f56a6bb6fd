"""torch.utils: hook handles and data loading."""

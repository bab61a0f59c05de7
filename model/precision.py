"""Number formats that this machine computes in hardware."""

import torch


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 arithmetic is native there, so that it is faster than fp32 and not emulated."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))

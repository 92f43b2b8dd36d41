"""Muon for the hidden matrices, AdamW for everything else, as one optimizer that the Trainer steps and saves.

After Keller Jordan, "Muon: An optimizer for hidden layers in neural networks" (2024), with the learning rate
matched to AdamW's root mean square (Liu et al. 2025, arXiv 2502.16982).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

# Of the AdamW rate, which is the one that a recipe sets.
MUON_RATIO = 1.5
_ADAMW: dict[str, Any] = {"betas": (0.9, 0.95), "weight_decay": 0.01}
_MUON: dict[str, Any] = {"momentum": 0.95, "weight_decay": 0.1, "adjust_lr_fn": "match_rms_adamw"}


class MuonAdamW(torch.optim.Optimizer):  # type: ignore[misc]
    """Two optimizers behind one interface; group 0 is AdamW's, group 1 Muon's.

    State lives here and is lent to the two for each step, so that saving, loading and scheduling need no code
    of ours.
    """

    def __init__(self, model: nn.Module, lr: float) -> None:
        matrices, rest = split_parameters(model)
        self._parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=lr, **_ADAMW),
            torch.optim.Muon(matrices, lr=lr * MUON_RATIO, **_MUON),
        ]
        super().__init__([part.param_groups[0] for part in self._parts], {})

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of both; each sees its own group and the common state."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part, group in zip(self._parts, self.param_groups, strict=True):
            part.param_groups, part.state = [group], self.state
            part.step()
        return loss


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The hidden layers' matrices, and the rest: embeddings, the head, norms and biases."""
    ends = {id(weight) for module in _end_modules(model) for weight in module.parameters()}
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for weight in model.parameters():
        (matrices if weight.ndim == 2 and id(weight) not in ends else rest).append(weight)
    return matrices, rest


def _end_modules(model: nn.Module) -> list[nn.Module]:
    return [model.get_input_embeddings(), model.get_output_embeddings()]

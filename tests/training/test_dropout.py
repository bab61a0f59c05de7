import pytest
import torch
from torch import nn

from reportedly.training.dropout import ByteDropout, draw_by_byte


def test_it_drops_the_rate_and_keeps_the_mean():
    torch.manual_seed(0)
    dropped = ByteDropout(0.25)(torch.ones(1000, 1001))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.002)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.003)
    assert dropped.unique().tolist() == pytest.approx([0.0, 4 / 3])


def test_every_place_is_as_likely_to_be_dropped():
    torch.manual_seed(0)
    layer = ByteDropout(0.5)
    dropped = torch.stack([layer(torch.ones(3, 5)) == 0 for _ in range(4000)])
    assert dropped.float().mean(0).flatten().tolist() == pytest.approx([0.5] * 15, abs=0.04)


def test_the_seed_decides_the_mask_and_the_format_stays():
    layer = ByteDropout(0.1)
    masks = []
    for _ in range(2):
        torch.manual_seed(7)
        masks.append(layer(torch.ones(64, 64, dtype=torch.bfloat16)))
    assert masks[0].dtype == torch.bfloat16
    assert torch.equal(*masks)


def test_the_gradient_flows_through_what_was_kept():
    torch.manual_seed(0)
    inputs = torch.ones(100, requires_grad=True)
    outputs = ByteDropout(0.5)(inputs)
    outputs.sum().backward()
    assert torch.equal(inputs.grad, outputs.detach())


def test_nothing_is_dropped_in_evaluation():
    inputs = torch.ones(10)
    assert ByteDropout(0.5).eval()(inputs) is inputs


def test_what_drops_nothing_is_left_alone():
    network = nn.Sequential(nn.Dropout(0.1), nn.Sequential(nn.Dropout(0.0), nn.Dropout(0.5)))
    draw_by_byte(network)
    assert [type(module) for module in network.modules() if not isinstance(module, nn.Sequential)] == [
        ByteDropout,
        nn.Dropout,
        ByteDropout,
    ]

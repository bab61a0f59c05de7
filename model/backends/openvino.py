"""OpenVINO on the CPU (extra ``fast``): converted from the checkpoint on first use, several batches at once."""

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import openvino
from numpy.typing import NDArray

from ..loading import Checkpoint
from .base import Logits
from .cache import cache_folder, cached

_MODEL = "network.xml"
_FILES = (_MODEL, "network.bin")
_FORMATS = {"bf16": openvino.Type.bf16, "fp32": openvino.Type.f32}


class OpenVinoBackend:
    """Runs the network with OpenVINO, in bf16 where the CPU computes in it, else in fp32."""

    batch_tokens = 1024

    def __init__(self, model: openvino.Model, core: openvino.Core) -> None:
        # OpenVINO looks up numpy when it first shows a tensor as an array; two threads that do so at once wait for each
        # other for ever (2026.4: one holds the guard, the other the interpreter's lock)
        _ = openvino.Tensor(np.zeros(1, dtype=np.int64)).data
        capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision = "bf16" if "BF16" in capabilities else "fp32"
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "PERFORMANCE_HINT": "THROUGHPUT",
                "INFERENCE_PRECISION_HINT": _FORMATS[precision],
                # it compiles kernels for each shape of a batch and keeps 5,000 unless told otherwise; with few, the
                # memory of a long job is flat, and its time the same
                "CPU_RUNTIME_CACHE_CAPACITY": "32",
                # several workers on one machine share it by this variable, which PyTorch goes by of itself
                "INFERENCE_NUM_THREADS": _threads_of(os.environ.get("OMP_NUM_THREADS", "")),
            },
        )
        self.name = f"openvino cpu {precision}"
        self._streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(self._streams):
            self._idle.put(compiled.create_infer_request())

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint) -> "OpenVinoBackend":
        """Load the converted network from the cache, or convert it: once for a checkpoint, some seconds."""
        core = openvino.Core()
        name = f"{checkpoint.hash}-reportedly-{version('reportedly')}-openvino-{version('openvino')}"
        try:
            model = core.read_model(cached(name, _FILES, lambda folder: _save(convert(checkpoint), folder)) / _MODEL)
        except OSError as error:
            warnings.warn(
                f"{cache_folder()}: {error.strerror or error}; the network is converted anew each time, which takes "
                "some seconds; set REPORTEDLY_CACHE to a folder that can be written",
                stacklevel=2,
            )
            model = convert(checkpoint)
        return cls(model, core)

    def __call__(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> Logits:
        """See :class:`~reportedly.model.backends.base.Backend`."""
        request = self._idle.get()
        try:
            outputs = request.infer([input_ids, attention_mask])
            return outputs[0], outputs[1]
        finally:
            self._idle.put(request)

    @contextmanager
    def threads(self) -> Iterator[Executor]:
        """See :class:`~reportedly.model.backends.base.Backend`."""
        pool = ThreadPoolExecutor(self._streams)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _threads_of(variable: str) -> int:
    """Threads by ``OMP_NUM_THREADS``, which may list one number a level of nesting; 0, for all, where it says none.

    >>> _threads_of("2,1"), _threads_of(""), _threads_of("all")
    (2, 0, 0)
    """
    first = variable.partition(",")[0].strip()
    return int(first) if first.isdecimal() else 0


def convert(checkpoint: Checkpoint) -> openvino.Model:
    """Convert the network of a checkpoint, batch and sequence of any length.

    By the PyTorch frontend itself and not by ``openvino.convert_model``, which reports its use to a server.
    """
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    from ..network import Network

    example = torch.ones(2, 8, dtype=torch.int64)
    with torch.inference_mode(), _quiet():
        decoder = TorchScriptPythonDecoder(Network.from_checkpoint(checkpoint.path), example_input=(example, example))
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(decoder))


def _save(model: openvino.Model, folder: Path) -> None:
    openvino.save_model(model, folder / _MODEL, compress_to_fp16=True)  # as the checkpoint stores them: nothing is lost


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing touches every attribute of the modules, and transformers has something to say on some of them."""
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)

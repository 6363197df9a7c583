"""The C interface (include/twinward/twin.h) by ctypes."""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_API_VERSION = 1
_NO_SYMBOL = 0xFFFFFFFF


class Error(Exception):
    """What the engine said."""


class _Run(ctypes.Structure):
    _fields_ = [
        ("patients", ctypes.c_size_t),
        ("start", ctypes.c_double),
        ("time", ctypes.c_void_p),
        ("times", ctypes.c_size_t),
        ("set", ctypes.c_void_p),
        ("sets", ctypes.c_uint32),
        ("set_value", ctypes.c_void_p),
        ("observe", ctypes.c_void_p),
        ("observed", ctypes.c_uint32),
        ("rtol", ctypes.c_double),
        ("atol", ctypes.c_double),
        ("threads", ctypes.c_uint32),
        ("out", ctypes.c_void_p),
        ("result", ctypes.c_void_p),
    ]


def _load():
    name = "libtwinward-twin.so"
    places = [os.environ.get("TWINWARD_LIBRARY"), str(Path(__file__).parent / name), name]
    tried = []
    for place in filter(None, places):
        try:
            lib = ctypes.CDLL(place)
            break
        except OSError as e:
            tried.append(str(e))
    else:
        raise ImportError(
            "the engine was not found; build the target twinward_twin and set TWINWARD_LIBRARY: " + "; ".join(tried)
        )
    for function, result, arguments in [
        ("twin_api_version", ctypes.c_int, []),
        (
            "twin_open",
            ctypes.c_int,
            [ctypes.POINTER(ctypes.c_void_p), ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t],
        ),
        ("twin_close", None, [ctypes.c_void_p]),
        ("twin_error", ctypes.c_char_p, [ctypes.c_void_p]),
        ("twin_symbol_count", ctypes.c_uint32, [ctypes.c_void_p]),
        ("twin_symbol_id", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_symbol_kind", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_symbol_unit", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_symbol_constant", ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_symbol_value", ctypes.c_double, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_symbol_find", ctypes.c_uint32, [ctypes.c_void_p, ctypes.c_char_p]),
        ("twin_warning_count", ctypes.c_uint32, [ctypes.c_void_p]),
        ("twin_warning", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_uint32]),
        ("twin_simulate", ctypes.c_int, [ctypes.c_void_p, ctypes.POINTER(_Run)]),
        ("twin_result_text", ctypes.c_char_p, [ctypes.c_int32]),
    ]:
        f = getattr(lib, function)
        f.restype, f.argtypes = result, arguments
    if lib.twin_api_version() != _API_VERSION:
        raise ImportError("the engine has another interface than this package")
    return lib


_lib = _load()


@dataclass
class Runs:
    """Results: values[patient, time, observed]."""

    time: np.ndarray
    observe: list
    values: np.ndarray
    result: np.ndarray

    @property
    def ok(self):
        return self.result == 0

    def __getitem__(self, symbol):
        """values of one symbol: [patient, time]."""
        return self.values[:, :, self.observe.index(symbol)]

    def why(self, patient):
        return _lib.twin_result_text(int(self.result[patient])).decode()


class Model:
    """An SBML model, from a path or from text that begins with '<'."""

    def __init__(self, source):
        text = (
            source.encode()
            if isinstance(source, str) and source.lstrip().startswith("<")
            else Path(source).read_bytes()
        )
        handle = ctypes.c_void_p()
        error = ctypes.create_string_buffer(320)
        if _lib.twin_open(ctypes.byref(handle), text, len(text), error, len(error)):
            raise Error(error.value.decode())
        self._handle = handle
        count = _lib.twin_symbol_count(handle)
        self.symbols = [_lib.twin_symbol_id(handle, i).decode() for i in range(count)]

    def __del__(self):
        if getattr(self, "_handle", None):
            _lib.twin_close(self._handle)
            self._handle = None

    def _symbol(self, name):
        i = _lib.twin_symbol_find(self._handle, name.encode())
        if i == _NO_SYMBOL:
            raise Error(f"the model has no {name}")
        return i

    def kind(self, name):
        return _lib.twin_symbol_kind(self._handle, self._symbol(name)).decode()

    def unit(self, name):
        return _lib.twin_symbol_unit(self._handle, self._symbol(name)).decode()

    def value(self, name):
        return _lib.twin_symbol_value(self._handle, self._symbol(name))

    @property
    def warnings(self):
        return [_lib.twin_warning(self._handle, i).decode() for i in range(_lib.twin_warning_count(self._handle))]

    def _changing(self):
        return [
            s
            for i, s in enumerate(self.symbols)
            if self.kind(s) == "species"
            or (not _lib.twin_symbol_constant(self._handle, i) and self.kind(s) != "reaction")
        ]

    def simulate(self, time, observe=None, start=0.0, rtol=0.0, atol=0.0, threads=None, out=None, **values):
        """One run a patient. Keyword arguments give values by symbol: a number for all, or an array with one each."""
        time = np.ascontiguousarray(time, dtype=np.float64)
        observe = list(observe) if observe is not None else self._changing()
        columns = {name: np.atleast_1d(np.asarray(v, dtype=np.float64)) for name, v in values.items()}
        patients = max([len(v) for v in columns.values()], default=1)
        table = np.empty((patients, len(columns)))
        for i, v in enumerate(columns.values()):
            table[:, i] = v
        sets = np.array([self._symbol(n) for n in columns], dtype=np.uint32)
        seen = np.array([self._symbol(n) for n in observe], dtype=np.uint32)
        shape = (patients, len(time), len(observe))
        if out is None:
            out = np.empty(shape)
        elif out.shape != shape or out.dtype != np.float64 or not out.flags.c_contiguous:
            raise ValueError(f"out is a C-contiguous array of doubles of shape {shape}")
        result = np.zeros(patients, dtype=np.int32)
        run = _Run(
            patients,
            start,
            time.ctypes.data,
            len(time),
            sets.ctypes.data,
            len(sets),
            table.ctypes.data,
            seen.ctypes.data,
            len(seen),
            rtol,
            atol,
            threads or os.cpu_count() or 1,
            out.ctypes.data,
            result.ctypes.data,
        )
        if _lib.twin_simulate(self._handle, ctypes.byref(run)):
            raise Error(_lib.twin_error(self._handle).decode())
        return Runs(time, observe, out, result)

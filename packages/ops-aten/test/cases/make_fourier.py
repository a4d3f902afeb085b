"""Fourier transforms, complex numbers."""
from make import Cases, T
import torch

F = lambda *shape: T("f32", *shape)
Z = lambda *shape: T("c64", *shape)
c = Cases("fourier")
for norm in [None, "ortho", "forward"]:
    for n, dim in [(None, -1), (4, 0), (9, 1)]:
        for op in ["fft_fft", "fft_irfft", "fft_hfft"]:
            c.add(op, F(3, 5, 4), n, dim, norm); c.add(op, Z(3, 5, 4), n, dim, norm)
        c.add("fft_rfft", F(3, 5, 4), n, dim, norm); c.add("fft_ihfft", F(3, 5, 4), n, dim, norm); c.add("fft_ifft", Z(3, 5, 4), n, dim, norm)
    for s, dim in [(None, None), ([4, 6], None), ([3, -1], [0, 2]), (None, [1, 0])]:
        c.add("fft_fftn", F(3, 2, 5), s, dim, norm); c.add("fft_ifftn", Z(3, 2, 5), s, dim, norm); c.add("fft_rfftn", F(3, 2, 5), s, dim, norm); c.add("fft_irfftn", Z(3, 2, 5), s, dim, norm); c.add("fft_ihfftn", F(3, 2, 5), s, dim, norm)
c.add("fft_fft2", F(2, 3, 4)); c.add("fft_rfft2", F(2, 3, 4)); c.add("fft_ifft2", Z(2, 3, 4)); c.add("fft_irfft2", Z(2, 3, 4)); c.add("fft_hfft2", Z(2, 3, 4)); c.add("fft_ihfft2", F(2, 3, 4)); c.add("fft_hfftn", Z(2, 3, 4))
for onesided in [True, False]:
    c.add("_fft_r2c", F(2, 3, 5), [1, 2], 1, onesided); c.add("_fft_r2c", F(2, 6), [1], 2, onesided)
c.add("_fft_c2c", Z(2, 3, 5), [0, 2], 0, True); c.add("_fft_c2c", Z(2, 3, 5), [1], 2, False); c.add("_fft_c2r", Z(2, 3, 5), [0, 2], 2, 8); c.add("_fft_c2r", Z(2, 5), [1], 1, 9)
w = torch.hann_window(8)
for onesided in [True, False]:
    for norm in [True, False]:
        for win, n in [(w, 8), (w[1:7].contiguous(), 6), (None, 8)]:
            c.add("stft", F(2, 20), 8, 3, n, win, norm, onesided, True, constants=("window",))
            if win is not None and n == 8:
                z = torch.ops.aten.stft(F(2, 26), 8, 2, n, win, norm, onesided, True)
                c.add("istft", z, 8, 2, n, win, True, norm, onesided, None); c.add("istft", z, 8, 2, n, win, True, norm, onesided, 25)
c.add("stft", F(20), 8, 4, 8, None, False, True, False); c.add("stft.center", F(1, 20), 8, 4, 8, w, True, "reflect", False, True, True)
c.add("fft_fftfreq", 6, 0.5); c.add("fft_fftfreq", 7); c.add("fft_rfftfreq", 8, 2.0); c.add("fft_rfftfreq", 5)
for op in ["real", "imag", "angle", "view_as_real", "conj_physical", "_conj_physical"]:
    c.add(op, Z(2, 3))
c.add("view_as_complex", F(2, 3, 2)); c.add("complex", F(2, 3), F(3)); c.add("polar", F(2, 3).abs(), F(2, 1)); c.add("angle", F(2, 3)); c.add("real", F(2, 3)); c.add("angle", T("i64", 4))
c.save()

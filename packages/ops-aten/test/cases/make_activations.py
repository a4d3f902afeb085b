from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("activations")
x = torch.cat([torch.linspace(-6, 6, 25), torch.tensor([nan, 30.0, -30.0, 1e-4, -1e-4])])
more = torch.cat([x, torch.tensor([inf, -inf])])
for op in ["hardsigmoid", "hardswish", "silu", "mish", "log_sigmoid", "selu", "celu", "elu", "leaky_relu", "hardshrink", "softshrink", "softplus", "rrelu"]:
    c.add(op, more); c.add(op, torch.tensor(0.7)); c.add(op, torch.zeros(0))
# further down PyTorch itself is off by 2e-7
middle = torch.cat([x[x > -2.6], torch.tensor([nan])])
c.add("gelu", middle); c.add("gelu", middle, approximate="tanh")
c.add("elu", more, 2.0); c.add("elu", more, 0.5, 3.0, 0.25); c.add("celu", more, 0.3); c.add("leaky_relu", more, -0.5); c.add("leaky_relu", more, 2); c.add("leaky_relu", more[:-2], 0)
c.add("hardshrink", more, 2); c.add("softshrink", more, 1.25); c.add("softplus", more, 2, 5); c.add("softplus", more, 0.5, 40); c.add("rrelu", more, 0.1, 0.2)
c.add("logit", torch.tensor([0.0, 1.0, 0.25, 0.499, 0.5001, 0.9, 1.5, nan, 1e-6])); c.add("logit", torch.tensor([0.0, 1.0, 0.25, -3.0, nan]), 0.01); c.add("log_sigmoid_forward", x)
for shape in [(4,), (2, 4), (2, 4, 3), (2, 4, 3, 2), (2, 4, 1, 3, 2)]:
    t = T("f32", *shape)
    c.add("prelu", t, torch.tensor([0.25])); c.add("prelu", t, torch.tensor(-0.5))
    if len(shape) > 1:
        c.add("prelu", t, torch.tensor([0.25, -1.0, 0.0, 2.0])); c.add("_prelu_kernel", t, torch.tensor([0.25, -1.0, 0.0, 2.0]).reshape(4, *[1] * (len(shape) - 2)))
c.add("prelu", torch.tensor([[nan, -inf, inf, -0.0]]), torch.tensor([0.5, 0.5, 0.5, 0.5]))
for dim in [0, 1, 2, -1, -2]:
    c.add("glu", T("f32", 2, 4, 6), dim)
c.add("glu", torch.zeros(2, 0)); c.add("dropout", x, 0.5, False); c.add("dropout", x[:5], 1.0, True); c.add("alpha_dropout", x, 0.5, False); c.add("feature_dropout", T("f32", 2, 3, 4), 0.5, False); c.add("feature_alpha_dropout", T("f32", 2, 3, 4), 0.0, True); c.add("native_dropout", x, 0.5, False)
c.save()

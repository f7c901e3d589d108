// AdamW (Loshchilov and Hutter 2019, algorithm 2) in one pass: reads the gradient, writes moments and parameter.
//
// PyTorch decays first and adds epsilon to the corrected root; Hugging Face's old AdamW, which ClipCap used, adds
// epsilon to the raw root, folds the correction into the step size and decays last. TensorFlow's Adam is that without
// decay.

INLINE void adamw_step(vector *p, vector *m, vector *v, vector g, const capstan_adamw *o) {
  g *= splat(o->gradient_scale);
  g = minimum(splat(o->clip_value), maximum(splat(-o->clip_value), g));
  *m = splat(o->beta1) * *m + splat(o->one_minus_beta1) * g;
  *v = splat(o->beta2) * *v + splat(o->one_minus_beta2) * g * g;
  vector root = __builtin_elementwise_sqrt(*v);
  if (o->decay_after_update) {
    float step = o->learning_rate * sqrtf(o->bias_correction2) / o->bias_correction1;
    *p -= splat(step) * *m / (root + splat(o->epsilon));
    *p -= splat(o->learning_rate * o->weight_decay) * *p;
  } else {
    *p *= splat(1 - o->learning_rate * o->weight_decay);
    vector corrected = root / splat(sqrtf(o->bias_correction2)) + splat(o->epsilon);
    *p -= splat(o->learning_rate / o->bias_correction1) * *m / corrected;
  }
}

static void adamw(float *parameter, float *moment1, float *moment2, const float *gradient, size_t count,
                  const capstan_adamw *options) {
  FOR_EACH_VECTOR(i, n, count) {
    vector p = load(parameter + i, n), m = load(moment1 + i, n), v = load(moment2 + i, n);
    adamw_step(&p, &m, &v, load(gradient + i, n), options);
    store(parameter + i, p, n);
    store(moment1 + i, m, n);
    store(moment2 + i, v, n);
  }
}

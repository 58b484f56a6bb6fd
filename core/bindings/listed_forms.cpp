// How PyTorch lists the overloads of some functions.
#include "core/bindings/listed_forms.h"

namespace lampas::python {
namespace {

constexpr unsigned function = ListedForm::function, method = ListedForm::method,
                   in_place = ListedForm::in_place, out = ListedForm::out,
                   deprecated = ListedForm::deprecated;

constexpr unsigned everywhere = function | method | in_place | out;

constexpr ListedForm forms[] = {
    // Folds: over everything, or over some dims.
    {"sum", "sum", "Tensor input, *, ScalarType? dtype=None", function | method},
    {"sum", "sum", "Tensor input, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None",
     function | method | out},
    {"mean", "mean", "Tensor input, *, ScalarType? dtype=None", function | method | out},
    {"mean", "mean", "Tensor input, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None",
     function | method | out},
    {"prod", "prod", "Tensor input, *, ScalarType? dtype=None", function | method},
    {"prod", "prod.dim", "Tensor input, int dim, bool keepdim=False, *, ScalarType? dtype=None",
     function | method | out},
    {"all", "all", "Tensor input", function | method | out},
    {"all", "all", "Tensor input, int[]? dim=None, bool keepdim=False", function | method | out},
    {"all", "all", "Tensor input, int dim, bool keepdim=False", function | method | out},
    {"any", "any", "Tensor input", function | method | out},
    {"any", "any", "Tensor input, int[]? dim=None, bool keepdim=False", function | method | out},
    {"any", "any", "Tensor input, int dim, bool keepdim=False", function | method | out},
    {"max", "max", "Tensor input", function | method | out},
    {"max", "max.other", "Tensor input, Tensor other", function | method | out},
    {"max", "max.dim", "Tensor input, int dim, bool keepdim=False", function | method | out},
    {"min", "min", "Tensor input", function | method | out},
    {"min", "min.other", "Tensor input, Tensor other", function | method | out},
    {"min", "min.dim", "Tensor input, int dim, bool keepdim=False", function | method | out},

    // Comparisons with a tensor, or with a number.
    {"eq", "eq", "Tensor input, Tensor other", everywhere},
    {"eq", "eq", "Tensor input, Scalar other", everywhere},
    {"ne", "ne", "Tensor input, Tensor other", everywhere},
    {"ne", "ne", "Tensor input, Scalar other", everywhere},
    {"lt", "lt", "Tensor input, Tensor other", everywhere},
    {"lt", "lt", "Tensor input, Scalar other", everywhere},
    {"le", "le", "Tensor input, Tensor other", everywhere},
    {"le", "le", "Tensor input, Scalar other", everywhere},
    {"gt", "gt", "Tensor input, Tensor other", everywhere},
    {"gt", "gt", "Tensor input, Scalar other", everywhere},
    {"ge", "ge", "Tensor input, Tensor other", everywhere},
    {"ge", "ge", "Tensor input, Scalar other", everywhere},
    {"where", "where.condition", "Tensor condition", function},
    {"where", "where", "Tensor condition, Tensor input, Tensor other", function | out},
    {"where", "where", "Tensor condition, Scalar self, Tensor other", function},
    {"where", "where", "Tensor condition, Tensor input, Scalar other", function},
    {"where", "where", "Tensor condition, Scalar self, Scalar other", function},
    {"where", "where.self", "Tensor input, Tensor condition, Tensor other", method},
    {"where", "where.self", "Tensor input, Tensor condition, Scalar other", method},
    {"fill", "fill.Tensor", "Tensor input, Tensor value", function | in_place},
    {"fill", "fill", "Tensor input, Scalar value", function | in_place},
    {"masked_fill", "masked_fill.Tensor", "Tensor input, Tensor mask, Tensor value",
     function | method | in_place},
    {"masked_fill", "masked_fill", "Tensor input, Tensor mask, Scalar value", function | method | in_place},

    // Arithmetic.
    {"div", "div", "Tensor input, Tensor other", everywhere},
    {"div", "div.mode", "Tensor input, Tensor other, *, str? rounding_mode", everywhere},
    {"div", "div.mode", "Tensor input, Scalar other, *, str? rounding_mode", function | method | in_place},
    {"divide", "div", "Tensor input, Tensor other", everywhere},
    {"divide", "div.mode", "Tensor input, Tensor other, *, str? rounding_mode", everywhere},
    {"divide", "div", "Tensor input, Scalar other", function | method | in_place},
    {"divide", "div.mode", "Tensor input, Scalar other, *, str? rounding_mode", function | method | in_place},
    {"true_divide", "div", "Tensor input, Tensor other", everywhere},
    {"true_divide", "div", "Tensor input, Scalar other", function | method | in_place},
    {"multiply", "mul", "Tensor input, Tensor other", everywhere},
    {"multiply", "mul", "Tensor input, Scalar other", function | method | in_place},
    {"subtract", "sub", "Tensor input, Tensor other, *, Scalar alpha=1", everywhere},
    {"subtract", "sub", "Tensor input, Scalar other, Scalar alpha=1", function | method | in_place},
    {"pow", "pow.Tensor", "Tensor input, Tensor exponent", everywhere},
    {"pow", "pow.Scalar", "Scalar self, Tensor exponent", function | out},
    {"pow", "pow", "Tensor input, Scalar exponent", everywhere},
    {"bitwise_and", "bitwise_and", "Tensor input, Tensor other", everywhere},
    {"bitwise_and", "bitwise_and", "Scalar self, Tensor other", function},
    {"bitwise_and", "bitwise_and", "Tensor input, Scalar other", everywhere},
    {"bitwise_or", "bitwise_or", "Tensor input, Tensor other", everywhere},
    {"bitwise_or", "bitwise_or", "Scalar self, Tensor other", function},
    {"bitwise_or", "bitwise_or", "Tensor input, Scalar other", everywhere},
    {"bitwise_xor", "bitwise_xor", "Tensor input, Tensor other", everywhere},
    {"bitwise_xor", "bitwise_xor", "Scalar self, Tensor other", function},
    {"bitwise_xor", "bitwise_xor", "Tensor input, Scalar other", everywhere},
    {"clamp", "clamp.Tensor", "Tensor input, Tensor? min=None, Tensor? max=None", everywhere},
    {"clamp", "clamp", "Tensor input, Scalar? min=None, Scalar? max=None", everywhere},
    {"clamp_min", "maximum", "Tensor input, Tensor min", function | method | out},
    {"clamp_min", "clamp_min", "Tensor input, Scalar min", everywhere},
    {"clamp_max", "minimum", "Tensor input, Tensor max", function | method | out},
    {"clamp_max", "clamp_max", "Tensor input, Scalar max", everywhere},

    {"lerp", "lerp.tensor", "Tensor input, Tensor end, Tensor weight", everywhere},
    {"lerp", "lerp", "Tensor input, Tensor end, Scalar weight", everywhere},

    // Products of matrices.
    {"mm", "mm", "Tensor input, Tensor mat2", function | method | out},
    {"mm", nullptr, "Tensor input, Tensor mat2, ScalarType out_dtype", function | out},
    {"bmm", "bmm", "Tensor input, Tensor mat2", function | method | out},
    {"bmm", nullptr, "Tensor input, Tensor mat2, ScalarType out_dtype", function | out},
    {"addmm", "addmm", "Tensor input, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1",
     everywhere},
    {"addmm", nullptr,
     "Tensor input, Tensor mat1, Tensor mat2, ScalarType out_dtype, *, Scalar beta=1, Scalar alpha=1",
     function | out},

    // Views and parts.
    {"split", "split", "Tensor tensor, int split_size_or_sections, int dim=0", function},
    {"split", "split.sizes", "Tensor tensor, int[] split_size_or_sections, int dim=0", function},
    {"view", "view.dtype", "Tensor input, ScalarType dtype", method},
    {"view", "view", "Tensor input, int[] size", method},
    {"movedim", "movedim", "Tensor input, int source, int destination", function | method},
    {"movedim", "movedim", "Tensor input, int[] source, int[] destination", function | method},
    {"narrow", "narrow", "Tensor input, int dim, Tensor start, int length", function | method},
    {"narrow", "narrow", "Tensor input, int dim, int start, int length", function | method},
    {"scatter", "scatter", "Tensor input, int dim, Tensor index, Tensor src", everywhere},
    {"scatter", nullptr, "Tensor input, int dim, Tensor index, Tensor src, *, str reduce", everywhere},
    {"scatter", "scatter.value", "Tensor input, int dim, Tensor index, Scalar value", everywhere},
    {"scatter", nullptr, "Tensor input, int dim, Tensor index, Scalar value, *, str reduce", everywhere},

    {"arange", "arange", "Scalar end", function | out},
    {"arange", "arange.start", "Scalar start, Scalar end", function},
    {"arange", "arange.start", "Scalar start, Scalar end, Scalar step=1", function | out},

    // Random numbers: with a generator, or with the default one.
    {"rand", "rand", "int[] size, *, Generator? generator", function | out},
    {"rand", "rand", "int[] size", function | out},
    {"randn", "randn", "int[] size, *, Generator? generator", function | out},
    {"randn", "randn", "int[] size", function | out},
    {"randint", "randint", "int high, int[] size, *, Generator? generator", function | out},
    {"randint", "randint", "int high, int[] size", function | out},
    {"randint", "randint.low", "int low, int high, int[] size, *, Generator? generator", function | out},
    {"randint", "randint.low", "int low, int high, int[] size", function | out},
    {"rand_like", "rand_like", "Tensor input, *, Generator? generator", function},
    {"rand_like", "rand_like", "Tensor input", function},
    {"randn_like", "randn_like", "Tensor input, *, Generator? generator", function},
    {"randn_like", "randn_like", "Tensor input", function},
    {"randint_like", "randint_like.low", "Tensor input, int low, int high, *, Generator? generator",
     function},
    {"randint_like", "randint_like.low", "Tensor input, int low, int high", function},
    {"randint_like", nullptr, "Tensor input, Tensor high, *, Generator? generator", function},
    {"randint_like", nullptr, "Tensor input, Tensor high", function},
    {"randint_like", "randint_like", "Tensor input, int high, *, Generator? generator", function},
    {"randint_like", "randint_like", "Tensor input, int high", function},
    {"randperm", "randperm", "int n, *, Generator? generator", function | out},
    {"randperm", "randperm", "int n", function | out},
    {"normal", "normal.both", "Tensor mean, Tensor std, *, Generator? generator=None", function | out},
    {"normal", "normal.mean", "Tensor mean, float std=1, *, Generator? generator=None", function | out},
    {"normal", "normal.std", "float mean, Tensor std, *, Generator? generator=None", function | out},
    {"bernoulli", "bernoulli.p_tensor", "Tensor input, Tensor p, *, Generator? generator=None", in_place},
    {"bernoulli", "bernoulli", "Tensor input, float p=0.5, *, Generator? generator=None", in_place},
    {"random", "random", "Tensor input, *, Generator? generator=None", in_place},
    {"random", "random.from", "Tensor input, int from, int? to, *, Generator? generator=None", in_place},
    {"random", "random.to", "Tensor input, int to, *, Generator? generator=None", in_place},

    // The old order of arguments, which PyTorch still takes, with a warning.
    {"add", "add", "Tensor input, Scalar alpha, Tensor other", everywhere | deprecated},
    {"sub", "sub", "Tensor input, Scalar alpha, Tensor other", everywhere | deprecated},
    {"addcmul", "addcmul", "Tensor input, Scalar value, Tensor tensor1, Tensor tensor2",
     everywhere | deprecated},
    {"addcdiv", "addcdiv", "Tensor input, Scalar value, Tensor tensor1, Tensor tensor2",
     everywhere | deprecated},
    {"addmm", "addmm", "Scalar beta, Tensor input, Scalar alpha, Tensor mat1, Tensor mat2",
     function | out | deprecated},
    {"addmm", "addmm", "Scalar beta, Tensor input, Tensor mat1, Tensor mat2", function | out | deprecated},
    {"addmm", "addmm", "Tensor input, Scalar beta, Scalar alpha, Tensor mat1, Tensor mat2",
     method | in_place | deprecated},
    {"addmm", "addmm", "Tensor input, Scalar beta, Tensor mat1, Tensor mat2", method | in_place | deprecated},
};

}  // namespace

std::vector<const ListedForm*> listed_forms(std::string_view name, ListedForm::Kind kind) {
  std::vector<const ListedForm*> found;
  for (const ListedForm& form : forms)
    if (form.name == name && (form.kinds & kind)) found.push_back(&form);
  return found;
}

}  // namespace lampas::python

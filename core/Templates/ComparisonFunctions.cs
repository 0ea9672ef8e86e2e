using Tributary.Model;

namespace Tributary.Templates;

/// <summary><c>eq</c>, <c>lt</c> and their like: values of one kind only, so an integer is never compared with a float.</summary>
internal static class ComparisonFunctions
{
    private enum Kind
    {
        Other,
        Flag,
        Integer,
        Float,
        Text,
    }

    /// <summary>Whether the first value is equal to one of the others.</summary>
    public static bool EqualsAny(object?[] all)
    {
        if (all.Length < 2)
        {
            throw new TemplateFunctionException("missing argument for comparison");
        }
        return all.Skip(1).Any(other => AreEqual(all[0], other));
    }

    public static bool AreEqual(object? one, object? other)
    {
        var kind = KindOf(one);
        if (kind != KindOf(other))
        {
            return one is null || other is null ? false : throw Incompatible();
        }
        return kind switch
        {
            Kind.Integer => GoValue.IntegerOf(one) == GoValue.IntegerOf(other),
            Kind.Float => (double)one! == (double)other!,
            Kind.Flag => (bool)one! == (bool)other!,
            Kind.Text => string.Equals(GoValue.TextOf(one), GoValue.TextOf(other), StringComparison.Ordinal),
            _ => AreSame(one, other),
        };
    }

    public static bool IsLess(object? one, object? other)
    {
        var kind = KindOf(one);
        var otherKind = KindOf(other);
        if (kind is Kind.Other || otherKind is Kind.Other)
        {
            throw new TemplateFunctionException("invalid type for comparison");
        }
        return kind != otherKind
            ? throw Incompatible()
            : kind switch
            {
                Kind.Integer => GoValue.IntegerOf(one) < GoValue.IntegerOf(other),
                Kind.Float => (double)one! < (double)other!,
                Kind.Text => Utf8Order.Compare(GoValue.TextOf(one)!, GoValue.TextOf(other)!) < 0,
                _ => throw new TemplateFunctionException("invalid type for comparison"),
            };
    }

    public static bool IsLessOrEqual(object? one, object? other) => IsLess(one, other) || AreEqual(one, other);

    private static bool AreSame(object? one, object? other)
    {
        if (one is null || other is null)
        {
            return one is null && other is null;
        }
        return IsComparable(one) && IsComparable(other)
            ? ReferenceEquals(one, other) || (one is ValueType && one.Equals(other))
            : throw new TemplateFunctionException(
                $"non-comparable types {GoValue.Print(one)}: {GoValue.TypeOf(one)}, "
                    + $"{GoValue.TypeOf(other)}: {GoValue.Print(other)}"
            );
    }

    private static bool IsComparable(object value) =>
        value is not (LabelSet or Dictionary<string, object?> or List<TemplateSample> or TemplateContext);

    private static Kind KindOf(object? value) =>
        value switch
        {
            bool => Kind.Flag,
            double => Kind.Float,
            string or GoHtml => Kind.Text,
            _ => GoValue.IntegerOf(value) is null ? Kind.Other : Kind.Integer,
        };

    private static TemplateFunctionException Incompatible() => new("incompatible types for comparison");
}

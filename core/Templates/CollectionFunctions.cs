using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Templates;

/// <summary><c>len</c>, <c>index</c>, <c>slice</c>, <c>args</c>. Texts are counted in bytes of UTF-8, as in Go.</summary>
internal static class CollectionFunctions
{
    public static long Length(object? value) =>
        value switch
        {
            null => throw new TemplateFunctionException("len of nil pointer"),
            string or GoHtml => Encoding.UTF8.GetByteCount(GoValue.TextOf(value)!),
            LabelSet labels => labels.Labels.Length,
            Dictionary<string, object?> map => map.Count,
            List<TemplateSample> samples => samples.Count,
            _ => throw new TemplateFunctionException($"len of type {GoValue.TypeOf(value)}"),
        };

    /// <summary>What further arguments find in the first one, step by step.</summary>
    public static object? Index(object?[] all)
    {
        var item = all[0] ?? throw new TemplateFunctionException("index of untyped nil");
        foreach (var index in all.Skip(1))
        {
            item = item switch
            {
                string or GoHtml => ByteAt(GoValue.TextOf(item)!, index),
                List<TemplateSample> samples => samples[Position(index, samples.Count, "slice")],
                LabelSet labels => labels.Get(Key(index)) ?? "",
                Dictionary<string, object?> map => map.GetValueOrDefault(Key(index)),
                null => throw new TemplateFunctionException("index of nil pointer"),
                _ => throw new TemplateFunctionException($"can't index item of type {GoValue.TypeOf(item)}"),
            };
        }
        return item;
    }

    /// <summary>A part of a text or of the answer to a query.</summary>
    public static object Slice(object?[] all)
    {
        const int MaxIndexes = 3;
        var item = all[0] ?? throw new TemplateFunctionException("slice of untyped nil");
        if (all.Length - 1 > MaxIndexes)
        {
            throw new TemplateFunctionException(
                string.Create(CultureInfo.InvariantCulture, $"too many slice indexes: {all.Length - 1}")
            );
        }
        if (GoValue.TextOf(item) is { } text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return all.Length - 1 < MaxIndexes
                ? Encoding.UTF8.GetString(bytes.AsSpan()[RangeOf(all, bytes.Length)])
                : throw new TemplateFunctionException("cannot 3-index slice a string");
        }
        return item is List<TemplateSample> samples
            ? samples[RangeOf(all, samples.Count)]
            : throw new TemplateFunctionException($"can't slice item of type {GoValue.TypeOf(item)}");
    }

    /// <summary>The arguments by <c>arg0</c>, <c>arg1</c> and so on.</summary>
    public static Dictionary<string, object?> Arguments(object?[] all)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < all.Length; i++)
        {
            map.Add(string.Create(CultureInfo.InvariantCulture, $"arg{i}"), all[i]);
        }
        return map;
    }

    /// <summary>No value of a template is a function.</summary>
    public static object? Call(object? value) =>
        throw new TemplateFunctionException(
            value is null ? "call of nil" : $"non-function {GoValue.Print(value)} of type {GoValue.TypeOf(value)}"
        );

    private static byte ByteAt(string text, object? index)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes[Position(index, bytes.Length, "string")];
    }

    private static Range RangeOf(object?[] all, int count)
    {
        var start = all.Length > 1 ? Limit(all[1], count) : 0;
        var end = all.Length > 2 ? Limit(all[2], count) : count;
        if (all.Length > 3 && Limit(all[3], count) is var capacity && end > capacity)
        {
            throw Crossed(end, capacity);
        }
        return start <= end ? start..end : throw Crossed(start, end);
    }

    private static TemplateFunctionException Crossed(int start, int end) =>
        new(string.Create(CultureInfo.InvariantCulture, $"invalid slice index: {start} > {end}"));

    private static int Position(object? index, int count, string kind)
    {
        var position = Limit(index, count);
        return position < count ? position : throw new TemplateFunctionException($"reflect: {kind} index out of range");
    }

    private static int Limit(object? index, int count)
    {
        if (index is null)
        {
            throw new TemplateFunctionException("cannot index slice/array with nil");
        }
        var position =
            GoValue.IntegerOf(index)
            ?? throw new TemplateFunctionException($"cannot index slice/array with type {GoValue.TypeOf(index)}");
        return position >= 0 && position <= count ? (int)position : throw OutOfRange(position);
    }

    private static TemplateFunctionException OutOfRange(long position) =>
        new(string.Create(CultureInfo.InvariantCulture, $"index out of range: {position}"));

    private static string Key(object? index) =>
        index switch
        {
            string text => text,
            null => throw new TemplateFunctionException("value is nil; should be of type string"),
            _ => throw new TemplateFunctionException($"value has type {GoValue.TypeOf(index)}; should be string"),
        };
}

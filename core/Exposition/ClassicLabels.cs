using System.Buffers;

namespace Tributary.Exposition;

/// <summary>Takes the text of a series apart into labels, and puts it together again; values stay escaped.</summary>
internal static class ClassicLabels
{
    private static readonly SearchValues<byte> BareEnds = SearchValues.Create(" \t=,{}\""u8);

    /// <summary>Reads a series; false for what is not written as it should be, which others have to say.</summary>
    /// <param name="text">The series, from its name to the end of its labels.</param>
    /// <param name="labels">Gets the labels without the name.</param>
    /// <param name="name">The name; escaped when it was quoted.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> text,
        List<(byte[] Name, byte[] Value)> labels,
        out ReadOnlySpan<byte> name
    )
    {
        var rest = text;
        name = TakeBare(ref rest);
        SkipBlanks(ref rest);
        if (rest.IsEmpty)
        {
            return !name.IsEmpty;
        }
        if (rest[0] != '{')
        {
            return false;
        }
        rest = rest[1..];
        while (true)
        {
            SkipBlanks(ref rest);
            if (rest.StartsWith("}"u8))
            {
                rest = rest[1..];
                SkipBlanks(ref rest);
                return rest.IsEmpty && !name.IsEmpty;
            }
            var isQuoted = rest.StartsWith("\""u8);
            var key = isQuoted ? TakeQuoted(ref rest) : TakeBare(ref rest);
            SkipBlanks(ref rest);
            if (rest.StartsWith("="u8) && !key.IsEmpty)
            {
                rest = rest[1..];
                SkipBlanks(ref rest);
                if (!rest.StartsWith("\""u8))
                {
                    return false;
                }
                labels.Add((key.ToArray(), TakeQuoted(ref rest).ToArray()));
            }
            else if (isQuoted && name.IsEmpty)
            {
                name = key;
            }
            else
            {
                return false;
            }
            SkipBlanks(ref rest);
            if (rest.StartsWith(","u8))
            {
                rest = rest[1..];
            }
            else if (!rest.StartsWith("}"u8))
            {
                return false;
            }
        }
    }

    /// <summary>Writes a series; labels in the order of their names, so that one series has one text.</summary>
    public static byte[] Write(ReadOnlySpan<byte> name, List<(byte[] Name, byte[] Value)> labels)
    {
        labels.Sort((a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        var text = new ArrayBufferWriter<byte>();
        var isBare = MetricNames.IsLegacyMetricName(name);
        if (isBare)
        {
            text.Write(name);
        }
        if (isBare && labels.Count == 0)
        {
            return text.WrittenSpan.ToArray();
        }
        text.Write("{"u8);
        if (!isBare)
        {
            WriteQuoted(text, name);
        }
        for (var i = 0; i < labels.Count; i++)
        {
            text.Write(i > 0 || !isBare ? ","u8 : []);
            if (MetricNames.IsLegacyLabelName(labels[i].Name))
            {
                text.Write(labels[i].Name);
            }
            else
            {
                WriteQuoted(text, labels[i].Name);
            }
            text.Write("="u8);
            WriteQuoted(text, labels[i].Value);
        }
        text.Write("}"u8);
        return text.WrittenSpan.ToArray();
    }

    private static void WriteQuoted(ArrayBufferWriter<byte> text, ReadOnlySpan<byte> escaped)
    {
        text.Write("\""u8);
        text.Write(escaped);
        text.Write("\""u8);
    }

    private static void SkipBlanks(scoped ref ReadOnlySpan<byte> rest) => rest = rest.TrimStart(" \t"u8);

    private static ReadOnlySpan<byte> TakeBare(scoped ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOfAny(BareEnds);
        var taken = length < 0 ? rest : rest[..length];
        rest = rest[taken.Length..];
        return taken;
    }

    /// <summary>What stands between quotes; all of it, quotes included, when they do not end.</summary>
    private static ReadOnlySpan<byte> TakeQuoted(scoped ref ReadOnlySpan<byte> rest)
    {
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '\\')
            {
                i++;
            }
            else if (rest[i] == '"')
            {
                var taken = rest[1..i];
                rest = rest[(i + 1)..];
                return taken;
            }
        }
        var all = rest;
        rest = [];
        return all;
    }
}

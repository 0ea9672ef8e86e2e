using System.Buffers.Binary;
using System.Numerics;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>One native histogram of a column against the one before at its position; docs/formats/log.md#histograms.</summary>
internal static class HistogramCodec
{
    private const int HintMask = 3;
    private const int FloatBit = 4;
    private const int SameLayoutBit = 8;
    private const int StaleBit = 16;
    private const int KnownBits = HintMask | FloatBit | SameLayoutBit | StaleBit;

    /// <summary>Writes a histogram.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="value">The histogram.</param>
    /// <param name="before">The one before at its position; null without one.</param>
    public static void Encode(ByteWriter output, Histogram value, Histogram? before)
    {
        if (value.IsStale)
        {
            output.WriteByte((byte)(StaleBit | (int)value.Hint));
            return;
        }
        var isSame = before is not null && before.IsFloat == value.IsFloat && SameSpans(before.Layout, value.Layout);
        output.WriteByte((byte)((int)value.Hint | (value.IsFloat ? FloatBit : 0) | (isSame ? SameLayoutBit : 0)));
        if (!isSame)
        {
            before = null;
            WriteLayout(output, value.Layout);
        }
        WriteNumber(output, value.CountBits, before?.CountBits ?? 0, value.IsFloat);
        WriteNumber(output, value.ZeroCountBits, before?.ZeroCountBits ?? 0, value.IsFloat);
        WriteXor(output, BitConverter.DoubleToUInt64Bits(value.Sum) ^ BitsOf(before));
        var counts = value.BucketBits;
        var old = before is null ? [] : before.BucketBits;
        for (var first = 0; first < counts.Length; first += 8)
        {
            // A byte says which of eight buckets changed; those follow it.
            var end = Math.Min(first + 8, counts.Length);
            var changed = 0;
            for (var i = first; i < end; i++)
            {
                changed |= counts[i] == (old.IsEmpty ? 0 : old[i]) ? 0 : 1 << (i - first);
            }
            output.WriteByte((byte)changed);
            for (var i = first; i < end; i++)
            {
                if ((changed >> (i - first) & 1) != 0)
                {
                    WriteNumber(output, counts[i], old.IsEmpty ? 0 : old[i], value.IsFloat);
                }
            }
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static Histogram Decode(ref ByteReader input, Histogram? before)
    {
        var form = input.ReadByte();
        var hint = (CounterResetHint)(form & HintMask);
        if ((form & ~KnownBits) != 0)
        {
            throw input.Corrupt($"a histogram of the unknown form {form}");
        }
        if ((form & StaleBit) != 0)
        {
            return Histogram.Stale.With(hint);
        }
        var isFloat = (form & FloatBit) != 0;
        var isSame = (form & SameLayoutBit) != 0;
        if (isSame && (before is null || before.IsFloat != isFloat))
        {
            throw input.Corrupt("a histogram needs one before it that is not there");
        }
        before = isSame ? before : null;
        var layout = before?.Layout ?? ReadLayout(ref input);
        var count = ReadNumber(ref input, before?.CountBits ?? 0, isFloat);
        var zeroCount = ReadNumber(ref input, before?.ZeroCountBits ?? 0, isFloat);
        var sum = BitConverter.UInt64BitsToDouble(ReadXor(ref input) ^ BitsOf(before));
        var counts = before is null ? new long[layout.BucketCount] : before.BucketBits.ToArray();
        for (var first = 0; first < counts.Length; first += 8)
        {
            var changed = input.ReadByte();
            if (counts.Length - first < 8 && changed >> (counts.Length - first) != 0)
            {
                throw input.Corrupt("a bucket changes behind the last one");
            }
            for (var rest = (uint)changed; rest != 0; rest &= rest - 1)
            {
                ref var bits = ref counts[first + BitOperations.TrailingZeroCount(rest)];
                bits = ReadNumber(ref input, bits, isFloat);
            }
        }
        return Histogram.OfBits(layout, isFloat, (count, zeroCount), sum, counts, hint);
    }

    private static ulong BitsOf(Histogram? before) => before is null ? 0 : BitConverter.DoubleToUInt64Bits(before.Sum);

    /// <summary>Whether spans and bounds are the same as written, and not only the buckets.</summary>
    private static bool SameSpans(HistogramLayout one, HistogramLayout other) =>
        ReferenceEquals(one, other)
        || (
            one.HasSameBounds(other)
            && one.PositiveSpans.SequenceEqual(other.PositiveSpans)
            && one.NegativeSpans.SequenceEqual(other.NegativeSpans)
        );

    private static void WriteNumber(ByteWriter output, long bits, long before, bool isFloat)
    {
        if (isFloat)
        {
            WriteXor(output, (ulong)(bits ^ before));
        }
        else
        {
            output.WriteVarint(bits - before);
        }
    }

    private static long ReadNumber(ref ByteReader input, long before, bool isFloat) =>
        isFloat ? before ^ (long)ReadXor(ref input) : before + input.ReadVarint();

    /// <summary>An exclusive or of floats: mostly zero at one end, so that its bytes reversed or not make a short number.</summary>
    private static void WriteXor(ByteWriter output, ulong xor)
    {
        var leading = BitOperations.LeadingZeroCount(xor) / 8;
        var trailing = xor == 0 ? 0 : BitOperations.TrailingZeroCount(xor) / 8;
        var length = 8 - leading - trailing;
        output.WriteByte((byte)((length << 4) | trailing));
        var bytes = output.Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, xor >> (8 * trailing));
        output.Advance(Math.Max(length, 0));
    }

    private static ulong ReadXor(ref ByteReader input)
    {
        var form = input.ReadByte();
        var (length, trailing) = (form >> 4, form & 15);
        if (length + trailing > sizeof(ulong))
        {
            throw input.Corrupt($"a float of {length} bytes before {trailing}");
        }
        var value = 0UL;
        var bytes = input.ReadBytes(length);
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (ulong)bytes[i] << (8 * i);
        }
        return length == 0 ? 0 : value << (8 * trailing);
    }

    private static void WriteLayout(ByteWriter output, HistogramLayout layout)
    {
        output.WriteVarint(layout.Schema);
        WriteXor(output, BitConverter.DoubleToUInt64Bits(layout.ZeroThreshold));
        WriteSpans(output, layout.PositiveSpans);
        WriteSpans(output, layout.NegativeSpans);
        output.WriteUvarint((ulong)layout.CustomValues.Length);
        foreach (var bound in layout.CustomValues)
        {
            WriteXor(output, BitConverter.DoubleToUInt64Bits(bound));
        }
    }

    private static HistogramLayout ReadLayout(ref ByteReader input)
    {
        var schema = input.ReadVarint();
        if (schema != HistogramLayout.CustomSchema && !HistogramLayout.IsExponential((int)long.Clamp(schema, -99, 99)))
        {
            throw input.Corrupt($"a histogram of the unknown schema {schema}");
        }
        var threshold = BitConverter.UInt64BitsToDouble(ReadXor(ref input));
        var positive = ReadSpans(ref input, out var positiveCount);
        var negative = ReadSpans(ref input, out var negativeCount);
        var custom = new double[input.ReadCount("custom bounds")];
        for (var i = 0; i < custom.Length; i++)
        {
            custom[i] = BitConverter.UInt64BitsToDouble(ReadXor(ref input));
        }
        // A byte stands for eight buckets at least.
        var count = positiveCount + negativeCount;
        return count <= Math.Min(8L * input.Remaining, HistogramLayout.MaxBuckets)
            ? new HistogramLayout((int)schema, threshold, positive, negative, custom)
            : throw input.Corrupt($"a histogram of {count} buckets, but only {input.Remaining} bytes follow");
    }

    private static void WriteSpans(ByteWriter output, ReadOnlySpan<BucketSpan> spans)
    {
        output.WriteUvarint((ulong)spans.Length);
        foreach (var span in spans)
        {
            output.WriteVarint(span.Offset);
            output.WriteUvarint((ulong)span.Length);
        }
    }

    private static BucketSpan[] ReadSpans(ref ByteReader input, out long buckets)
    {
        var spans = new BucketSpan[input.ReadCount("spans")];
        buckets = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            var offset = input.ReadVarint();
            var length = input.ReadUvarint();
            if (offset != (int)offset || length > HistogramLayout.MaxBuckets)
            {
                throw input.Corrupt($"a span of {length} buckets with the offset {offset}");
            }
            spans[i] = new BucketSpan((int)offset, (int)length);
            buckets += (long)length;
        }
        return spans;
    }
}

using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>The head of a histogram chunk: zero threshold, schema, spans and custom bounds, the same for all samples.</summary>
internal static class HistogramChunkLayout
{
    private const int SmallestExponent = -243;
    private const int LargestExponent = 10;

    /// <summary>Of a threshold in one byte: the exponent, one for each byte from 1 on.</summary>
    private const int ExponentOffset = 1 - SmallestExponent;
    private const int OtherThreshold = 255;

    /// <summary>Thousandths up to here take at most four bytes.</summary>
    private const double MaxThousandths = 33_554_430;

    /// <summary>Writes a layout.</summary>
    public static void Write(BitWriter output, HistogramLayout layout)
    {
        WriteThreshold(output, layout.ZeroThreshold);
        Varbit.Write(output, layout.Schema);
        WriteSpans(output, layout.PositiveSpans);
        WriteSpans(output, layout.NegativeSpans);
        if (layout.IsCustom)
        {
            Varbit.WriteUnsigned(output, (ulong)layout.CustomValues.Length);
            foreach (var bound in layout.CustomValues)
            {
                WriteBound(output, bound);
            }
        }
    }

    /// <summary>Reads a layout.</summary>
    /// <param name="input">At the layout.</param>
    /// <param name="blob">The name for errors.</param>
    public static HistogramLayout Read(ref BitReader input, string blob)
    {
        var threshold = ReadThreshold(ref input);
        var schema = Varbit.Read(ref input);
        if (
            schema != HistogramLayout.CustomSchema
            && !HistogramLayout.IsExponentialReserved((int)long.Clamp(schema, -99, 99))
        )
        {
            throw Corrupt(blob, $"the schema {schema} is not known");
        }
        var positive = ReadSpans(ref input, blob, out var positiveCount);
        var negative = ReadSpans(ref input, blob, out var negativeCount);
        var custom = schema == HistogramLayout.CustomSchema ? ReadBounds(ref input, blob) : [];
        // Every bucket takes at least a bit of the first sample.
        if (positiveCount + negativeCount > Math.Min(input.Remaining, HistogramLayout.MaxBuckets))
        {
            throw Corrupt(blob, $"{positiveCount + negativeCount} buckets, but only {input.Remaining} bits follow");
        }
        return new HistogramLayout((int)schema, threshold, positive, negative, custom);
    }

    private static void WriteThreshold(BitWriter output, double threshold)
    {
        var bits = BitConverter.DoubleToUInt64Bits(threshold);
        var exponent = (int)(bits >> 52) - 1023;
        if (bits == 0)
        {
            output.WriteBits(0, 8);
        }
        else if ((bits & ((1UL << 52) - 1)) == 0 && exponent is >= SmallestExponent and <= LargestExponent)
        {
            output.WriteBits((ulong)(exponent + ExponentOffset), 8);
        }
        else
        {
            output.WriteBits(OtherThreshold, 8);
            output.WriteBits(bits, 64);
        }
    }

    private static double ReadThreshold(ref BitReader input) =>
        input.ReadBits(8) switch
        {
            0 => 0,
            OtherThreshold => BitConverter.UInt64BitsToDouble(input.ReadBits(64)),
            var exponent => Math.ScaleB(1, (int)exponent - ExponentOffset),
        };

    private static void WriteSpans(BitWriter output, ReadOnlySpan<BucketSpan> spans)
    {
        Varbit.WriteUnsigned(output, (ulong)spans.Length);
        foreach (var span in spans)
        {
            Varbit.WriteUnsigned(output, (ulong)span.Length);
            Varbit.Write(output, span.Offset);
        }
    }

    private static BucketSpan[] ReadSpans(ref BitReader input, string blob, out long buckets)
    {
        var count = ReadCount(ref input, blob, "spans");
        var spans = new BucketSpan[count];
        buckets = 0;
        for (var i = 0; i < count; i++)
        {
            var length = Varbit.ReadUnsigned(ref input);
            var offset = Varbit.Read(ref input);
            if (length > HistogramLayout.MaxBuckets || offset != (int)offset || (i > 0 && offset < 0))
            {
                throw Corrupt(blob, $"span {i + 1} has length {length} and offset {offset}");
            }
            spans[i] = new BucketSpan((int)offset, (int)length);
            buckets += (long)length;
        }
        return spans;
    }

    private static void WriteBound(BitWriter output, double bound)
    {
        var thousandths = Math.Round(bound * 1000);
        if (
            thousandths is >= 0 and <= MaxThousandths
            && BitConverter.DoubleToInt64Bits(thousandths / 1000) == BitConverter.DoubleToInt64Bits(bound)
        )
        {
            Varbit.WriteUnsigned(output, (ulong)thousandths + 1);
        }
        else
        {
            output.WriteBit(false);
            output.WriteBits(BitConverter.DoubleToUInt64Bits(bound), 64);
        }
    }

    private static double[] ReadBounds(ref BitReader input, string blob)
    {
        var bounds = new double[ReadCount(ref input, blob, "custom bounds")];
        for (var i = 0; i < bounds.Length; i++)
        {
            var thousandths = Varbit.ReadUnsigned(ref input);
            bounds[i] =
                thousandths == 0 ? BitConverter.UInt64BitsToDouble(input.ReadBits(64)) : (thousandths - 1) / 1000.0;
        }
        return bounds;
    }

    /// <summary>A count of things of which each takes at least two bits.</summary>
    private static int ReadCount(ref BitReader input, string blob, string what)
    {
        var count = Varbit.ReadUnsigned(ref input);
        return count <= (ulong)input.Remaining / 2
            ? (int)count
            : throw Corrupt(blob, $"{count} {what}, but only {input.Remaining} bits follow");
    }

    private static CorruptDataException Corrupt(string blob, string problem) =>
        new(blob, HistogramChunkReader.HeaderBytes, problem);
}

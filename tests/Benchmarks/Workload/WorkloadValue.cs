using System.Globalization;

namespace Tributary.Benchmarks.Workload;

/// <summary>
/// One value, either a decimal number (`digits · 10^-scale`, below 2^53, so that text and double say the same) or a
/// double with all its bits.
/// </summary>
internal readonly record struct WorkloadValue
{
    private static readonly double[] Powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    private readonly long digits;
    private readonly int scale;
    private readonly double full;

    private WorkloadValue(long digits, int scale, double full)
    {
        this.digits = digits;
        this.scale = scale;
        this.full = full;
    }

    public static WorkloadValue Decimal(long digits, int scale) => new(digits, scale, 0);

    /// <summary>From 0.0001 up to 999,999, where Go's and .NET's shortest forms are the same.</summary>
    public static WorkloadValue Full(double value) => new(0, -1, value);

    public double ToDouble() => scale < 0 ? full : digits / Powers[scale];

    /// <summary>Writes the value as Prometheus does: shortest digits, an exponent below 1e-4 and from 1e6.</summary>
    public int Write(Span<byte> into)
    {
        if (scale < 0)
        {
            full.TryFormat(into, out var length, default, CultureInfo.InvariantCulture);
            return length;
        }

        if (digits == 0)
        {
            into[0] = (byte)'0';
            return 1;
        }

        Span<byte> text = stackalloc byte[20];
        digits.TryFormat(text, out var count, default, CultureInfo.InvariantCulture);
        var point = count - scale;
        while (count > 1 && text[count - 1] == '0')
        {
            count--;
        }

        return point - 1 is < -4 or >= 6
            ? WriteExponent(text[..count], point - 1, into)
            : WritePlain(text[..count], point, into);
    }

    private static int WriteExponent(ReadOnlySpan<byte> text, int exponent, Span<byte> into)
    {
        var at = 0;
        into[at++] = text[0];
        if (text.Length > 1)
        {
            into[at++] = (byte)'.';
            text[1..].CopyTo(into[at..]);
            at += text.Length - 1;
        }

        into[at++] = (byte)'e';
        into[at++] = exponent < 0 ? (byte)'-' : (byte)'+';
        var magnitude = Math.Abs(exponent);
        into[at++] = (byte)('0' + magnitude / 10);
        into[at++] = (byte)('0' + magnitude % 10);
        return at;
    }

    private static int WritePlain(ReadOnlySpan<byte> text, int point, Span<byte> into)
    {
        if (point <= 0)
        {
            into[0] = (byte)'0';
            into[1] = (byte)'.';
            into.Slice(2, -point).Fill((byte)'0');
            text.CopyTo(into[(2 - point)..]);
            return 2 - point + text.Length;
        }

        if (point >= text.Length)
        {
            text.CopyTo(into);
            into[text.Length..point].Fill((byte)'0');
            return point;
        }

        text[..point].CopyTo(into);
        into[point] = (byte)'.';
        text[point..].CopyTo(into[(point + 1)..]);
        return text.Length + 1;
    }
}

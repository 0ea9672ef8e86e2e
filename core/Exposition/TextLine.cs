using System.Buffers.Text;

namespace Tributary.Exposition;

/// <summary>Appends lines to memory that is given; says afterwards whether they fitted.</summary>
internal ref struct TextLine(Span<byte> destination, int start)
{
    private readonly Span<byte> destination = destination;

    /// <summary>Where the next byte goes; without meaning once <see cref="Overflowed"/>.</summary>
    public int Length { get; private set; } = start;

    /// <summary>Whether something did not fit; everything after it is dropped.</summary>
    public bool Overflowed { get; private set; }

    private readonly Span<byte> Rest => destination[Length..];

    public void Write(ReadOnlySpan<byte> text)
    {
        if (text.TryCopyTo(Rest))
        {
            Length += text.Length;
        }
        else
        {
            Overflow();
        }
    }

    public void Write(byte separator, ReadOnlySpan<byte> text)
    {
        var target = Rest;
        if (text.Length < target.Length)
        {
            target[0] = separator;
            text.CopyTo(target[1..]);
            Length += text.Length + 1;
        }
        else
        {
            Overflow();
        }
    }

    /// <summary>Repeats what was written from <paramref name="from"/> up to <paramref name="to"/>.</summary>
    public void WriteAgain(int from, int to) => Write(destination[from..to]);

    public void Write(double value)
    {
        if (Rest.Length >= FloatFormat.MaxLength)
        {
            Length += FloatFormat.Format(value, Rest);
        }
        else
        {
            Overflow();
        }
    }

    public void Write(long value)
    {
        if (Utf8Formatter.TryFormat(value, Rest, out var written))
        {
            Length += written;
        }
        else
        {
            Overflow();
        }
    }

    private void Overflow()
    {
        Overflowed = true;
        Length = destination.Length;
    }
}

using System.Globalization;
using System.Text;

namespace Tributary.Exposition;

/// <summary>A body that is not in the format it should be in, or breaks a limit; says where.</summary>
public sealed class ExpositionException : FormatException
{
    private const int ExcerptBytes = 60;

    internal ExpositionException(string problem, int line, long offset, ReadOnlySpan<byte> text, bool isAtEnd = false)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(line > 0 ? $"line {line}, " : "")}byte {offset}: {problem}{(text.IsEmpty ? "" : ": ")}{Excerpt(text)}"
            )
        )
    {
        Line = line;
        Offset = offset;
        IsAtEnd = isAtEnd;
    }

    /// <summary>The line, from 1; 0 in a format without lines.</summary>
    public int Line { get; }

    /// <summary>The byte of the (decompressed) body at which the problem was found, from 0.</summary>
    public long Offset { get; }

    /// <summary>Whether the body simply ended inside a line that was fine so far.</summary>
    public bool IsAtEnd { get; }

    /// <summary>The beginning of a text in quotes, with everything but printable ASCII escaped.</summary>
    internal static string Excerpt(ReadOnlySpan<byte> text, int maxBytes = ExcerptBytes)
    {
        if (text.IsEmpty)
        {
            return "";
        }
        var shown = new StringBuilder("\"");
        foreach (var b in text[..Math.Min(text.Length, maxBytes)])
        {
            switch (b)
            {
                case (byte)'\n':
                    shown.Append("\\n");
                    break;
                case (byte)'"' or (byte)'\\':
                    shown.Append('\\').Append((char)b);
                    break;
                case >= 0x20 and < 0x7f:
                    shown.Append((char)b);
                    break;
                default:
                    shown.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                    break;
            }
        }
        return shown.Append(text.Length > maxBytes ? "\"…" : "\"").ToString();
    }
}

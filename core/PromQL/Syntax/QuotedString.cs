using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Tributary.PromQL.Syntax;

/// <summary>One quoted string: raw in back quotes, else with Go's escapes.</summary>
/// <remarks>
/// <c>\x</c> and octal escapes are bytes, so several of them may spell one character. Bytes that spell none become halves of
/// surrogate pairs, see <see cref="Quoting.RawByte"/>, for the errors that name them: no text with such bytes leaves the
/// parser, as no label has any. Prometheus lets them pass in some places, and they match nothing there.
/// </remarks>
internal ref struct QuotedString(string text, int start)
{
    private readonly char quote = text[start];
    private int position = start + 1;

    /// <summary>The text that the literal stands for.</summary>
    /// <param name="end">Where the text behind the literal begins.</param>
    /// <exception cref="ParseException">The literal is not closed, or something in it is not valid.</exception>
    public string Read(out int end)
    {
        var isRaw = quote == '`';
        List<byte>? bytes = null;
        while (true)
        {
            if (position == text.Length || (text[position] == '\n' && !isRaw))
            {
                throw Error(isRaw ? "unterminated raw string" : "unterminated quoted string");
            }
            if (text[position] == quote)
            {
                end = position + 1;
                return bytes is null ? text[(start + 1)..position] : Decode(CollectionsMarshal.AsSpan(bytes));
            }
            if (text[position] == '\\' && !isRaw)
            {
                bytes ??= [.. Encoding.UTF8.GetBytes(text[(start + 1)..position])];
                position++;
                ReadEscape(bytes);
                continue;
            }
            ReadCharacter(bytes);
        }
    }

    private void ReadCharacter(List<byte>? bytes)
    {
        Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out var length);
        if (rune == Rune.ReplacementChar)
        {
            throw Error("invalid UTF-8 rune");
        }
        position += length;
        if (bytes is not null)
        {
            Append(bytes, rune);
        }
    }

    private void ReadEscape(List<byte> bytes)
    {
        if (position == text.Length)
        {
            throw Error("escape sequence not terminated");
        }
        var c = text[position];
        var simple = c switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' => '\\',
            _ when c == quote => quote,
            _ => '\0',
        };
        if (simple != '\0')
        {
            position++;
            bytes.Add((byte)simple);
            return;
        }
        switch (c)
        {
            case >= '0' and <= '7':
                bytes.Add((byte)ReadNumber(digits: 3, radix: 8, max: 255));
                return;
            case 'x':
                position++;
                bytes.Add((byte)ReadNumber(digits: 2, radix: 16, max: 255));
                return;
            case 'u' or 'U':
                position++;
                Append(bytes, new Rune(ReadNumber(digits: c == 'u' ? 4 : 8, radix: 16, max: 0x10FFFF)));
                return;
            default:
                Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out _);
                throw Error($"unknown escape sequence {Quoting.CodePoint(rune)}");
        }
    }

    private uint ReadNumber(int digits, uint radix, uint max)
    {
        ulong number = 0;
        for (var i = 0; i < digits; i++, position++)
        {
            if (position == text.Length)
            {
                throw Error("escape sequence not terminated");
            }
            var c = text[position];
            var digit = char.IsAsciiHexDigit(c)
                ? uint.Parse([c], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : 16;
            if (digit >= radix)
            {
                Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out _);
                throw Error($"illegal character {Quoting.CodePoint(rune)} in escape sequence");
            }
            number = (number * radix) + digit;
        }
        return number > max || number is >= 0xD800 and < 0xE000
            ? throw Error("escape sequence is an invalid Unicode code point")
            : (uint)number;
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var output = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            var isRune = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (isRune)
            {
                output.Append(rune);
            }
            for (var i = 0; i < length && !isRune; i++)
            {
                output.Append((char)(Quoting.RawByte + bytes[i]));
            }
            bytes = bytes[length..];
        }
        return output.ToString();
    }

    private static void Append(List<byte> bytes, Rune rune)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    private readonly ParseException Error(string problem) => ParseException.At(text, start, problem);
}

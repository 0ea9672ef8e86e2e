namespace Tributary.PromQL.Syntax;

/// <summary>Finds out how far a number or a duration reaches.</summary>
internal ref struct NumberScanner(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> text = text;

    /// <summary>Where the number or duration ends; where it is none, behind what was understood.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the text from its start, which is a digit or a point.</summary>
    /// <returns>What it is; null if it is neither. Whether every digit is where it belongs is not looked at.</returns>
    public TokenKind? Scan() =>
        IsNumber() ? TokenKind.Number
        : IsDuration() ? TokenKind.Duration
        : null;

    private readonly char Current => Length < text.Length ? text[Length] : '\0';

    private bool IsNumber()
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            Length = 2;
            SkipHexadecimal();
            return IsAtBoundary();
        }
        if (Current == '.')
        {
            Length++;
        }
        var (points, exponents) = (0, 0);
        while (Current is '.' or '_' or 'e' or 'E' || char.IsAsciiDigit(Current))
        {
            var isRight = Current switch
            {
                '.' => Skip(isFirst: points++ == 0, notBefore: "_."),
                '_' => Skip(isFirst: true, notBefore: "._eE") && Length < text.Length,
                'e' or 'E' => SkipExponent(isFirst: exponents++ == 0),
                _ => Skip(isFirst: true, notBefore: ""),
            };
            if (!isRight)
            {
                return false;
            }
        }
        return IsAtBoundary();
    }

    /// <summary>Passes a character, and the one behind it if it makes this no number.</summary>
    /// <param name="isFirst">Whether it may stand here at all.</param>
    /// <param name="notBefore">What must not follow it.</param>
    private bool Skip(bool isFirst, string notBefore)
    {
        Length++;
        if (isFirst && notBefore.Contains(Current, StringComparison.Ordinal))
        {
            Length++;
            return false;
        }
        return isFirst;
    }

    /// <summary>Passes the sign of an exponent with the <c>e</c>; that digits follow is not looked at, unless it is the end.</summary>
    private bool SkipExponent(bool isFirst)
    {
        if (isFirst && Length + 1 < text.Length && text[Length + 1] is '+' or '-')
        {
            Length++;
        }
        return Skip(isFirst, "._eE") && Length < text.Length;
    }

    /// <summary>Reads units behind the digits that were read as a number.</summary>
    private bool IsDuration()
    {
        if (!SkipUnit("smhdwy"))
        {
            return false;
        }
        while (char.IsAsciiDigit(Current))
        {
            while (char.IsAsciiDigit(Current))
            {
                Length++;
            }
            if (!SkipUnit("smhdw"))
            {
                return false;
            }
        }
        if (IsAtBoundary())
        {
            return true;
        }
        Length++;
        return false;
    }

    private bool SkipUnit(string first)
    {
        if (!first.Contains(Current, StringComparison.Ordinal))
        {
            return false;
        }
        Length += text[(Length + 1)..].StartsWith("s") ? 2 : 1;
        return true;
    }

    private void SkipHexadecimal()
    {
        while (char.IsAsciiHexDigit(Current) || Current == '_')
        {
            Length++;
        }
    }

    private readonly bool IsAtBoundary() => !char.IsAsciiLetterOrDigit(Current) && Current != '_';
}

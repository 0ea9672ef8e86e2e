namespace Tributary.Federation;

/// <summary>Passes over one JSON value of any size, in pieces.</summary>
internal sealed class JsonSkipper
{
    private int depth;
    private bool isInText;
    private bool isEscaped;

    /// <summary>Whether the end of the value is still to come.</summary>
    public bool IsSkipping { get; private set; }

    /// <summary>Begins in front of a value.</summary>
    public void Begin()
    {
        IsSkipping = true;
        (depth, isInText, isEscaped) = (0, false, false);
    }

    /// <summary>Passes over what is at hand.</summary>
    /// <returns>How many bytes belong to the value.</returns>
    public int Skip(ReadOnlySpan<byte> window)
    {
        for (var at = 0; at < window.Length; at++)
        {
            var next = window[at];
            if (isEscaped)
            {
                isEscaped = false;
            }
            else if (isInText)
            {
                isEscaped = next == '\\';
                isInText = next != '"';
                if (!isInText && depth == 0)
                {
                    return End(at + 1);
                }
            }
            else if (next is (byte)'"')
            {
                isInText = true;
            }
            else if (next is (byte)'{' or (byte)'[')
            {
                depth++;
            }
            else if (depth > 0)
            {
                depth -= next is (byte)'}' or (byte)']' ? 1 : 0;
                if (depth == 0)
                {
                    return End(at + 1);
                }
            }
            else if (next is (byte)',' or (byte)'}' or (byte)']' or <= (byte)' ')
            {
                // A number or a word ends in front of what follows it.
                return End(at);
            }
        }
        return window.Length;
    }

    private int End(int length)
    {
        IsSkipping = false;
        return length;
    }
}

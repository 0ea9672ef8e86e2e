using System.Text;

namespace Tributary.Federation;

/// <summary>Regular expressions that match a text and nothing else.</summary>
internal static class PatternText
{
    private const string Special = "\\.+*?()|[]{}^$";

    /// <summary>The text with every character escaped that means something.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (Special.Contains(c, StringComparison.Ordinal))
            {
                quoted.Append('\\');
            }
            quoted.Append(c);
        }
        return quoted.ToString();
    }
}

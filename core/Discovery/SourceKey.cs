using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>The key of a source in the log: readable in front, exact by its hash, the same in every process.</summary>
internal static class SourceKey
{
    /// <summary>Of job and instance the key shows at most so many characters.</summary>
    private const int MaxShown = 128;

    /// <summary>Hex digits of the hash.</summary>
    private const int HashDigits = 16;

    /// <summary><c>{job}/{instance}/{hash}</c>; the hash is over job, labels and URL, which itself is not shown.</summary>
    public static string Of(string job, LabelSet labels, Uri url)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, job);
        foreach (var label in labels.Labels)
        {
            Append(hash, label.Name);
            Append(hash, label.Value);
        }
        Append(hash, "");
        Append(hash, url.AbsoluteUri);
        var digits = Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];
        return $"{Clean(job)}/{Clean(labels.Get("instance") ?? "")}/{digits}";
    }

    /// <summary>Adds a text with its length in front, so that no two lists of texts give the same bytes.</summary>
    private static void Append(IncrementalHash hash, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, utf8.Length);
        hash.AppendData(length);
        hash.AppendData(utf8);
    }

    private static string Clean(string text)
    {
        var output = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (output.Length >= MaxShown)
            {
                break;
            }
            output.Append(Rune.IsControl(rune) || rune.Value == '/' ? "_" : rune.ToString());
        }
        return output.ToString();
    }
}

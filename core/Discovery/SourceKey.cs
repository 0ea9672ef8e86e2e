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
    public static string Of(string job, LabelSet labels, Uri url) =>
        $"{Clean(job)}/{Clean(labels.Get("instance") ?? "")}/{HashOf(job, labels, url.AbsoluteUri)}";

    /// <summary>
    /// <c>{job}/replicas/{hash}</c> of a source with replicas; the hash is over what they have in common, so that the key
    /// stays when replicas come and go.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="common">The labels by which the source differs from others of the job.</param>
    /// <param name="path">The path and the parameters that they are asked with; it may hold secrets.</param>
    public static string OfReplicas(string job, LabelSet common, string path) =>
        $"{Clean(job)}/replicas/{HashOf(job, common, path)}";

    private static string HashOf(string job, LabelSet labels, string last)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, job);
        foreach (var label in labels.Labels)
        {
            Append(hash, label.Name);
            Append(hash, label.Value);
        }
        Append(hash, "");
        Append(hash, last);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];
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

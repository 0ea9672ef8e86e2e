using System.Buffers.Binary;
using System.Globalization;
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

    private const string BackfillPart = "/backfill/";
    private const string PullPart = "/pull/";
    private const int ProcessDigits = 8;

    /// <summary>No source's key begins so, because a job has a name.</summary>
    private const string RulesPart = "/rules/";

    /// <inheritdoc cref="RulesPart"/>
    private const string WritePart = "/write/";

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

    /// <summary>
    /// What the log calls samples of a source that were fetched later: <c>{source}/backfill/{from}-{to}</c>, so that they
    /// never compete with what was collected at a tick, and the same step always has the same name.
    /// </summary>
    /// <param name="source">The key of the source.</param>
    /// <param name="fromMs">The samples are later than this, milliseconds since the epoch.</param>
    /// <param name="toMs">And not later than this.</param>
    public static string BackfillOf(string source, long fromMs, long toMs) =>
        string.Create(CultureInfo.InvariantCulture, $"{source}{BackfillPart}{fromMs}-{toMs}");

    /// <summary>
    /// What the log calls the samples of pulls: <c>{source}/pull/{process}</c>. Two processes that take one tick may have
    /// pulled different times, or one of them less; all of it counts, so each has its own name. It stays the same from tick
    /// to tick, because the log writes only what differs from the batch before of the same name.
    /// </summary>
    /// <param name="source">The key of the source.</param>
    /// <param name="process">What tells the process from others.</param>
    public static string PullOf(string source, uint process) =>
        string.Create(CultureInfo.InvariantCulture, $"{source}{PullPart}{process:x8}");

    /// <summary>
    /// What the log calls the evaluations of a rule group: <c>/rules/{group}/{hash}</c>, the same in every process, so that of
    /// two evaluations for one time one counts.
    /// </summary>
    /// <param name="file">The file of the group, as the configuration names it.</param>
    /// <param name="group">The name of the group, which is unique in the file.</param>
    public static string RulesOf(string file, string group) =>
        $"{RulesPart}{Clean(group)}/{HashOf(group, LabelSet.Empty, file)}";

    /// <summary>Whether a key is one of <see cref="RulesOf"/>.</summary>
    public static bool IsRules(string key) => key.StartsWith(RulesPart, StringComparison.Ordinal);

    /// <summary>
    /// What the log calls samples that others wrote to us: <c>/write/{process}</c>; two processes never take the same, and
    /// one never takes a tick twice.
    /// </summary>
    /// <param name="process">What tells the process from others.</param>
    public static string WriteOf(uint process) =>
        string.Create(CultureInfo.InvariantCulture, $"{WritePart}{process:x8}");

    /// <summary>Whether a key is one of <see cref="WriteOf"/>.</summary>
    public static bool IsWrite(string key) => key.StartsWith(WritePart, StringComparison.Ordinal);

    /// <summary>The source of a key of <see cref="PullOf"/>; of any other the key itself.</summary>
    public static string WithoutPull(string key)
    {
        var at = key.Length - PullPart.Length - ProcessDigits;
        return
            at > 0
            && key.AsSpan(at, PullPart.Length).SequenceEqual(PullPart)
            && !key.AsSpan(at + PullPart.Length).ContainsAnyExcept("0123456789abcdef")
            ? key[..at]
            : key;
    }

    /// <summary>The source of a key of <see cref="PullOf"/> or <see cref="BackfillOf"/>; of any other the key itself.</summary>
    public static string Plain(string key) =>
        IsBackfill(key) ? key[..key.LastIndexOf(BackfillPart, StringComparison.Ordinal)] : WithoutPull(key);

    /// <summary>Whether a key is one of <see cref="BackfillOf"/>; no other key ends in two numbers.</summary>
    public static bool IsBackfill(string key)
    {
        var at = key.LastIndexOf(BackfillPart, StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }
        var numbers = key.AsSpan(at + BackfillPart.Length);
        var dash = numbers.IndexOf('-');
        return dash > 0
            && long.TryParse(numbers[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && long.TryParse(numbers[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
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

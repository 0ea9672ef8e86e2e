using System.Net;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Dns;

/// <summary>Looks names up as Prometheus does: all names that a name may stand for, at the servers in their order.</summary>
/// <remarks>
/// A name is done when a server knows it, even without records of the kind. Where every one is said not to exist, there are
/// no records; where that is not known of one, the lookup fails.
/// </remarks>
/// <param name="load">Reads which servers there are, at every lookup.</param>
/// <param name="time">The clock of timeouts.</param>
internal sealed class DnsResolver(Func<ResolverConfig> load, TimeProvider time)
{
    private readonly DnsClient client = new(time);

    /// <summary>The records of a name.</summary>
    /// <exception cref="DnsException">It is not known whether there are any.</exception>
    public async Task<IReadOnlyList<DnsRecord>> LookUpAsync(
        string name,
        DnsRecordType type,
        CancellationToken cancellationToken
    )
    {
        var config = load();
        DnsException? failure = null;
        foreach (var whole in config.NamesFor(name))
        {
            try
            {
                var answer = await AskAnyAsync(config.Servers, whole, type, cancellationToken);
                if (answer.Code == DnsMessage.NoError)
                {
                    return answer.Records;
                }
            }
            catch (DnsException exception)
            {
                // Another name may be known.
                failure ??= exception;
            }
        }
        return failure is null ? [] : throw failure;
    }

    /// <summary>The first answer that says whether the name exists.</summary>
    private async Task<DnsAnswer> AskAnyAsync(
        IReadOnlyList<IPEndPoint> servers,
        string whole,
        DnsRecordType type,
        CancellationToken cancellationToken
    )
    {
        var reasons = new List<string>();
        foreach (var server in servers)
        {
            try
            {
                var answer = await client.AskAsync(server, whole, type, cancellationToken);
                if (answer.Code is DnsMessage.NoError or DnsMessage.NoSuchName)
                {
                    return answer;
                }
                reasons.Add($"{server} answered {NameOf(answer.Code)}");
            }
            catch (DnsException exception)
            {
                reasons.Add($"{server}: {exception.Message}");
            }
        }
        throw new DnsException($"{Words.Clean(whole)}: {string.Join("; ", reasons)}");
    }

    private static string NameOf(int code) =>
        code switch
        {
            DnsMessage.FormatError => "that it does not understand (FORMERR)",
            2 => "that it failed (SERVFAIL)",
            4 => "that it cannot do this (NOTIMP)",
            5 => "that we may not ask it (REFUSED)",
            _ => $"with code {code}",
        };
}

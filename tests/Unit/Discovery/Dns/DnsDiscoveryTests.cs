using System.Net;
using System.Net.Sockets;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Discovery.Dns;

namespace Tributary.Tests.Unit.Discovery.Dns;

/// <summary>Records of servers on loopback, and addresses of a resolver that the test plays.</summary>
public sealed class DnsDiscoveryTests : IAsyncDisposable
{
    private const string Silent = "127.0.0.1:1";

    private readonly DnsServer server = new();
    private readonly List<(string Name, AddressFamily Family)> looked = [];
    private Func<string, IPAddress[]> addresses = _ => [];
    private ResolverConfig config;

    public DnsDiscoveryTests() => config = new ResolverConfig([server.EndPoint], [], 1);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Services_GiveHostsAndPorts()
    {
        using var dns = Names(DnsRecordType.Srv, "_web._tcp.example.com", "_none._tcp.example.com");
        server.Reply = query =>
            [
                query.Name.StartsWith("_web", StringComparison.Ordinal)
                    ? query.Message(
                        DnsServer.Answer,
                        DnsServer.Srv("b.example.com", 9100),
                        DnsServer.Record(5, DnsServer.Name("alias.example.com")),
                        DnsServer.Srv("a.example.com", 9101),
                        DnsServer.Srv("b.example.com", 9100),
                        DnsServer.Srv("", 1)
                    )
                    : query.Message(DnsServer.Answer),
            ];
        Assert.True(await dns.RefreshAsync(default));
        Assert.Equal(
            """
            _web._tcp.example.com
            {__address__="a.example.com:9101", ~name="_web._tcp.example.com", ~srv_record_port="9101", ~srv_record_target="a.example.com."}
            {__address__="b.example.com:9100", ~name="_web._tcp.example.com", ~srv_record_port="9100", ~srv_record_target="b.example.com."}
            _none._tcp.example.com
            """,
            Show(dns)
        );
        Assert.Equal((2L, 0L, "dns"), (dns.Lookups, dns.Failures, dns.Mechanism));
        Assert.False(await dns.RefreshAsync(default));
        Assert.Empty(dns.Problems);
    }

    [Fact]
    public async Task MailServers_GetThePort()
    {
        using var dns = Names(DnsRecordType.Mx, "example.com");
        server.Reply = query =>
            [query.Message(DnsServer.Answer, DnsServer.Record(15, [0, 10, .. DnsServer.Name("mail.example.com")]))];
        await dns.RefreshAsync(default);
        Assert.Equal(
            """
            example.com
            {__address__="mail.example.com:25", ~mx_record_target="mail.example.com.", ~name="example.com"}
            """,
            Show(dns)
        );
        Assert.Equal(["udp example.com. 15"], server.Questions);
    }

    [Fact]
    public async Task NameServers_GetThePort()
    {
        using var dns = Names(DnsRecordType.Ns, "example.com");
        server.Reply = query =>
            [query.Message(DnsServer.Answer, DnsServer.Record(2, [2, (byte)'n', (byte)'s', 0xC0, 12]))];
        await dns.RefreshAsync(default);
        Assert.Equal(
            """
            example.com
            {__address__="ns.example.com:25", ~name="example.com", ~ns_record_target="ns.example.com."}
            """,
            Show(dns)
        );
    }

    [Theory]
    [InlineData(DnsRecordType.A, AddressFamily.InterNetwork, "192.0.2.1:25", "192.0.2.20:25")]
    [InlineData(DnsRecordType.Aaaa, AddressFamily.InterNetworkV6, "[2001:db8::1]:25", "[2001:db8::2]:25")]
    public async Task Addresses_AreThoseOfTheSystemsResolver(
        DnsRecordType type,
        AddressFamily family,
        string first,
        string second
    )
    {
        using var dns = Names(type, "web");
        addresses = _ => [IPEndPoint.Parse(second).Address, IPEndPoint.Parse(first).Address];
        Assert.True(await dns.RefreshAsync(default));
        Assert.Equal(
            $$"""
            web
            {__address__="{{first}}", ~name="web"}
            {__address__="{{second}}", ~name="web"}
            """,
            Show(dns)
        );
        Assert.Equal([("web", family)], looked);
        Assert.Empty(server.Questions);
    }

    [Fact]
    public async Task AddressesOfNoSuchName_AreNone_AndOtherFailuresKeepThem()
    {
        using var dns = Names(DnsRecordType.A, "web");
        addresses = _ => [IPAddress.Loopback];
        await dns.RefreshAsync(default);
        addresses = _ => throw new SocketException((int)SocketError.TryAgain);
        Assert.False(await dns.RefreshAsync(default));
        Assert.Single(dns.Groups[0].Targets);
        Assert.Matches(
            "^dns_sd: \"web\": the system's resolver failed: .*; its former targets are kept$",
            Assert.Single(dns.Problems)
        );
        addresses = _ => throw new SocketException((int)SocketError.HostNotFound);
        Assert.True(await dns.RefreshAsync(default));
        Assert.Empty(dns.Groups[0].Targets);
        Assert.Empty(dns.Problems);
        Assert.Equal((3L, 1L), (dns.Lookups, dns.Failures));
    }

    /// <summary>Names that resolvers do not even take.</summary>
    [Fact]
    public async Task AddressesOfNoName_AreAProblem()
    {
        using var dns = new DnsDiscovery(
            new DnsSdConfig([new string('x', 300)], DnsRecordType.A, 1, TimeSpan.FromSeconds(30)),
            TimeProvider.System
        );
        Assert.False(await dns.RefreshAsync(default));
        Assert.Contains("the system's resolver failed", Assert.Single(dns.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongAnswer_IsFetchedOverTcp()
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query =>
            query.Transport == "udp"
                ? [query.Message(DnsServer.Answer | DnsServer.Truncated, DnsServer.Srv("cut", 1))]
                :
                [
                    query.Message(
                        DnsServer.Answer,
                        [.. Enumerable.Range(1, 2000).Select(port => DnsServer.Srv("h", port))]
                    ),
                ];
        await dns.RefreshAsync(default);
        Assert.Empty(dns.Problems);
        Assert.Equal(2000, dns.Groups[0].Targets.Count);
        Assert.Equal(["udp a.b. 33", "tcp a.b. 33"], server.Questions);
    }

    /// <summary>Old servers do not know the option that allows for longer answers.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServerThatDoesNotKnowOptions_IsAskedWithout(bool leavesOutTheQuestion)
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query =>
        {
            const int formatError = DnsServer.Answer | 1;
            if (!query.IsExtended)
            {
                return [query.Message(DnsServer.Answer, DnsServer.Srv("h", 1))];
            }
            Assert.Equal(DnsMessage.MaxUdpBytes, query.MaxAnswer);
            var refusal = query.Message(formatError);
            return leavesOutTheQuestion
                ?
                [
                    [.. refusal[..4], 0, 0, .. refusal[6..12]],
                ]
                : [refusal];
        };
        await dns.RefreshAsync(default);
        Assert.Single(dns.Groups[0].Targets);
    }

    /// <summary>Names that are tried in their order; <c>!</c> is one that exists, and the rest of it are targets.</summary>
    [Theory]
    [InlineData("web", 1, "web.a.example. web.b.example. web.")]
    [InlineData("x.web", 1, "x.web. x.web.a.example. x.web.b.example.")]
    [InlineData("x.web", 2, "x.web.a.example. x.web.b.example. x.web.")]
    [InlineData("web.", 1, "web.")]
    [InlineData("_s._tcp.web", 5, "_s._tcp.web.a.example. _s._tcp.web.b.example. _s._tcp.web.")]
    public async Task ShortNames_AreSoughtInTheDomains(string name, int dots, string asked)
    {
        config = ResolverConfig.Parse($"nameserver ::1\nsearch a.example b.example\noptions ndots:{dots}", "f") with
        {
            Servers = [server.EndPoint],
        };
        using var dns = Names(DnsRecordType.Srv, name);
        var names = asked.Split(' ');
        server.Reply = query => [query.Message(DnsServer.Answer | DnsMessage.NoSuchName)];
        await dns.RefreshAsync(default);
        Assert.Equal(names.Select(one => $"udp {one} 33"), server.Questions);
        Assert.Empty(dns.Problems);
        Assert.Empty(Assert.Single(dns.Groups).Targets);

        server.Reply = query =>
            [
                query.Name == names[^1]
                    ? query.Message(DnsServer.Answer, DnsServer.Srv("h", 1))
                    : query.Message(DnsServer.Answer | DnsMessage.NoSuchName),
            ];
        Assert.True(await dns.RefreshAsync(default));
        Assert.Single(dns.Groups[0].Targets);
    }

    /// <summary>A name that exists without such records ends the search.</summary>
    [Fact]
    public async Task NameWithoutRecords_EndsTheSearch()
    {
        config = config with { Search = ["a.example", "b.example"] };
        using var dns = Names(DnsRecordType.Srv, "web");
        await dns.RefreshAsync(default);
        Assert.Equal(["udp web.a.example. 33"], server.Questions);
    }

    [Fact]
    public async Task ServersThatFail_AreFollowedByTheOthers()
    {
        await using var failing = new DnsServer();
        failing.Reply = query => [query.Message(DnsServer.Answer | 2)];
        config = config with { Servers = [IPEndPoint.Parse(Silent), failing.EndPoint, server.EndPoint] };
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query => [query.Message(DnsServer.Answer, DnsServer.Srv("h", 1))];
        await dns.RefreshAsync(default);
        Assert.Empty(dns.Problems);
        Assert.Single(dns.Groups[0].Targets);
        Assert.Single(failing.Questions);
    }

    /// <summary>One name fails, the other does not: each keeps or gets its own.</summary>
    [Fact]
    public async Task NameThatCannotBeLookedUp_KeepsItsTargets()
    {
        using var dns = Names(DnsRecordType.Srv, "a.b", "c.d");
        server.Reply = query => [query.Message(DnsServer.Answer, DnsServer.Srv("h", 1))];
        await dns.RefreshAsync(default);
        server.Reply = query =>
            [query.Name == "a.b." ? query.Message(DnsServer.Answer | 5) : query.Message(DnsServer.Answer)];
        Assert.True(await dns.RefreshAsync(default));
        Assert.Equal([1, 0], dns.Groups.Select(group => group.Targets.Count));
        Assert.Equal(
            $"dns_sd: \"a.b\": a.b.: {server.EndPoint} answered that we may not ask it (REFUSED); its former targets are kept",
            Assert.Single(dns.Problems)
        );
        Assert.Equal((4L, 1L), (dns.Lookups, dns.Failures));
    }

    /// <summary>Answers that are none, or mean harm.</summary>
    private static readonly Dictionary<string, Func<DnsServer.Query, byte[]>> StrayMessages = new(
        StringComparer.Ordinal
    )
    {
        ["empty"] = _ => [],
        ["another number"] = query => [(byte)~(query.Id >> 8), .. Good(query)[1..]],
        ["a question"] = query => [.. Good(query)[..2], 1, .. Good(query)[3..]],
        ["another operation"] = query => [.. Good(query)[..2], 0x89, .. Good(query)[3..]],
        ["another name"] = query => Replace(Good(query), 13, (byte)'z'),
        ["another type"] = query => Replace(Good(query), 18, 1),
        ["another class"] = query => Replace(Good(query), 20, 3),
        ["no question"] = query => Replace(Good(query), 5, 0),
        ["two questions"] = query => Replace(Good(query), 5, 2),
        ["a cut question"] = query => Good(query)[..16],
    };

    public static TheoryData<string> Strays => [.. StrayMessages.Keys];

    [Theory]
    [MemberData(nameof(Strays))]
    public async Task MessageThatAnswersSomethingElse_IsPassedOver(string stray)
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query =>
            [StrayMessages[stray](query), query.Message(DnsServer.Answer, DnsServer.Srv("true", 1))];
        await dns.RefreshAsync(default);
        Assert.Empty(dns.Problems);
        Assert.Equal("true:1", Assert.Single(dns.Groups[0].Targets).Get("__address__"));
    }

    /// <summary>Records that are damaged, and what is told.</summary>
    public static TheoryData<string, byte[]> Damaged =>
        new()
        {
            { "the answer ends within a name", [] },
            { "the answer ends within a record", [0xC0, 12, 0, 33] },
            { "the answer ends within a record", [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0] },
            { "a name in the answer has no end", [0xC0, 200, 0, 33] },
            { "a name in the answer has no end", [0xC0, 21] },
            { "a name in the answer is too long", [0x40, 12, 0, 33] },
            { "a name in the answer is too long", [63, 12, 0, 33] },
            { "the answer ends within a name", DnsServer.Record(33, 0, 1, 0, 1, 0, 80) },
            { "the answer ends within a record", DnsServer.Record(33, 0, 1, 0, 1) },
            { "a record is damaged", DnsServer.Record(33, 0, 1, 0, 1, 0, 80, 0, 0) },
            { "a record is damaged", [.. DnsServer.Record(33, 0, 1, 0, 1, 0, 80, 1), (byte)'x', 0] },
            {
                "a name in the answer is too long",
                DnsServer.Record(
                    33,
                    [
                        0,
                        1,
                        0,
                        1,
                        0,
                        80,
                        .. Enumerable.Repeat(DnsServer.Name(new string('x', 60))[..61], 5).SelectMany(part => part),
                        0,
                    ]
                )
            },
        };

    [Theory]
    [MemberData(nameof(Damaged))]
    public async Task DamagedAnswer_IsAProblem(string problem, byte[] record)
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query => [query.Message(DnsServer.Answer, record)];
        Assert.True(await dns.RefreshAsync(default) == (dns.Groups.Count > 0));
        Assert.Equal($"dns_sd: \"a.b\": a.b.: {server.EndPoint}: {problem}", Assert.Single(dns.Problems));
    }

    [Fact]
    public async Task UselessAnswersOverTcp_AreAProblem()
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = query => [query.Message(DnsServer.Answer | DnsServer.Truncated)];
        await dns.RefreshAsync(default);
        Assert.Contains(
            "the answer is truncated, even over TCP",
            Assert.Single(dns.Problems),
            StringComparison.Ordinal
        );
        server.Reply = query =>
            query.Transport == "udp"
                ? [query.Message(DnsServer.Answer | DnsServer.Truncated)]
                : [Replace(Good(query), 0, (byte)~(query.Id >> 8))];
        await dns.RefreshAsync(default);
        Assert.Contains("it answers another question over TCP", Assert.Single(dns.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentServer_IsAskedTwiceAndGivenUp()
    {
        var time = new Scraping.ManualTime(0);
        using var dns = Names(DnsRecordType.Srv, time, "a.b");
        server.Reply = _ => [];
        var refresh = dns.RefreshAsync(default);
        await Jobs.CollectPlace.UntilAsync(() => server.Questions.Count == 1);
        time.Advance(TimeSpan.FromSeconds(2));
        await Jobs.CollectPlace.UntilAsync(() => server.Questions.Count == 2);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await refresh);
        Assert.Equal($"dns_sd: \"a.b\": a.b.: {server.EndPoint}: no answer within 2 s", Assert.Single(dns.Problems));
    }

    [Fact]
    public async Task Stopped_IsNoFailure()
    {
        using var dns = Names(DnsRecordType.Srv, "a.b");
        server.Reply = _ => [];
        using var stop = new CancellationTokenSource();
        var refresh = dns.RefreshAsync(stop.Token);
        await Jobs.CollectPlace.UntilAsync(() => server.Questions.Count == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh);
        Assert.Equal(0, dns.Failures);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.b")]
    public async Task NoName_IsAProblem(string name)
    {
        using var dns = Names(DnsRecordType.Srv, name);
        Assert.False(await dns.RefreshAsync(default));
        Assert.Contains("is no name of the DNS", Assert.Single(dns.Problems), StringComparison.Ordinal);
        Assert.Empty(server.Questions);
    }

    [Fact]
    public async Task NoResolverFile_IsAProblem()
    {
        using var dns = new DnsDiscovery(
            new DnsSdConfig(["a"], DnsRecordType.Srv, 0, TimeSpan.FromSeconds(30)),
            TimeProvider.System,
            new DnsResolver(() => ResolverConfig.Load("/nowhere/resolv.conf"), TimeProvider.System),
            System.Net.Dns.GetHostAddressesAsync
        );
        Assert.False(await dns.RefreshAsync(default));
        Assert.StartsWith(
            "dns_sd: \"a\": /nowhere/resolv.conf cannot be read:",
            Assert.Single(dns.Problems),
            StringComparison.Ordinal
        );
    }

    private static byte[] Good(DnsServer.Query query) => query.Message(DnsServer.Answer, DnsServer.Srv("false", 666));

    private static byte[] Replace(byte[] message, int at, byte value)
    {
        message[at] = value;
        return message;
    }

    private static string Show(DnsDiscovery dns) =>
        string.Join(
                '\n',
                dns.Groups.SelectMany(group => group.Targets.Select(target => target.ToString()).Prepend(group.Source))
            )
            .Replace("__meta_dns_", "~", StringComparison.Ordinal);

    private DnsDiscovery Names(DnsRecordType type, params string[] names) => Names(type, TimeProvider.System, names);

    private DnsDiscovery Names(DnsRecordType type, TimeProvider time, params string[] names) =>
        new(
            new DnsSdConfig(names, type, 25, TimeSpan.FromSeconds(30)),
            time,
            new DnsResolver(() => config, time),
            (name, family, _) =>
            {
                looked.Add((name, family));
                return Task.FromResult(addresses(name));
            }
        );
}

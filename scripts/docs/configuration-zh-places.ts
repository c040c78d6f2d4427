import type { Field } from "../../components/config/field";

/** The words of a key in Chinese; values and commands are the same in every language. */
export type Words = Pick<Field, "description" | "expected" | "changing" | "default">;

const REPLACES = "会重建机器，地址和固定的证书不变";
const NOTHING = "对正在运行的东西没有影响";
const CONNECTION = "只影响 SSH 连接；安装程序会再运行一次，但什么也不改变";
const NEW_MAP = "之后要重新发布 derpMap";

/** Words of `credentials` and of the two keys in it. */
function credentials(path: string, id: string, secret: string): Record<string, Words> {
    return {
        [path]: {
            description: "账号的凭据，供使用多个账号的 stack 填写；不填就从环境变量读取。",
            expected: `含有 ${id} 和 ${secret} 的对象`,
            changing: "只要还是同一个账号，就没有影响；换成另一个账号后，看不到原账号建立的资源",
            default: "来自环境变量",
        },
        [`${path}.${id}`]: {
            description: `账号的 \`${id}\`。`,
            expected: "8 到 128 个字母、数字、点、连字符或下划线",
            changing: NOTHING,
        },
        [`${path}.${secret}`]: {
            description: `账号的 \`${secret}\`。`,
            expected: "8 到 128 个字母、数字或 / + = . _ -",
            changing: NOTHING,
        },
    };
}

/** The same with what chooses the cloud, for keys that both clouds have. */
function chosen(when: string, words: Record<string, Words>): Record<string, Words> {
    return Object.fromEntries(
        Object.entries(words).map(([path, value]) => [`${path} (${when})`, value]),
    );
}

function ipv6(changing: string): Record<string, Words> {
    return {
        "regions[].place.ipv6": {
            description:
                "客户端是否也能通过 IPv6 连接中继。IPv6 地址属于机器，换一台机器就换一个地址。",
            expected: "true 或 false",
            changing: `${changing}；${NEW_MAP}`,
        },
    };
}

/** Words that speak of a cloud's own names. */
function cloud(
    when: string,
    names: Readonly<
        Record<
            | "zone"
            | "type"
            | "owner"
            | "disks"
            | "changingDisk"
            | "changingSize"
            | "changingTraffic",
            string
        >
    >,
) {
    return chosen(when, {
        "regions[].place.zone": {
            description: "机器所在的可用区；云的地域由它得出。",
            expected: `可用区，例如 ${names.zone}`,
            changing: `同一地域内${REPLACES}；换到另一个地域，地址也会变`,
        },
        "regions[].place.instanceType": {
            description: "实例规格：1 核、1 GB 内存就够用。",
            expected: `实例规格，例如 ${names.type}`,
            changing: "关机、变配、再开机，大约一分钟",
        },
        "regions[].place.image": {
            description: `匹配${names.owner}公共镜像名称的正则表达式；首次选中匹配的最新镜像，之后一直沿用。`,
            expected: "Go 语法的正则表达式，不超过 200 个字符",
            changing: "只影响下一台机器；想立即使用，就加上 `--replace` 和机器的 URN",
        },
        "regions[].place.diskCategory": {
            description: "系统盘的类型。",
            expected: names.disks,
            changing: names.changingDisk,
        },
        "regions[].place.diskGb": {
            description: "系统盘大小，单位 GB；编译 derper 要占用其中 1.5 GB。",
            expected: "20 到 500 的整数",
            changing: names.changingSize,
        },
        "regions[].place.internetCharge": {
            description: "出站流量怎样付费：按流量（GB），或者按预留的带宽。",
            expected: "traffic 或 bandwidth",
            changing: names.changingTraffic,
        },
    });
}

/** Chinese words of the keys of `place` and `dns`. */
export const PLACES_ZH: Readonly<Record<string, Words>> = {
    "regions[].place": {
        description:
            "中继运行在哪里。`alicloud`：在阿里云新建一台机器。`tencentcloud`：在腾讯云新建一台机器。" +
            "`server`：你已有的服务器，通过 SSH。`local`：在这台 Linux 主机上启动的一台机器。",
        expected: '"alicloud"、"tencentcloud"、"server" 或 "local"',
        changing: `新建一台机器，地址也是新的；${NEW_MAP}`,
    },
    ...cloud("driver: alicloud", {
        zone: "cn-shanghai-b",
        type: "ecs.t6-c1m1.large",
        owner: "阿里云",
        disks: "cloud_essd、cloud_essd_entry、cloud_ssd 或 cloud_efficiency",
        changingDisk: REPLACES,
        changingSize: "就地扩容；云不允许缩小",
        changingTraffic: `会换一个地址；${NEW_MAP}`,
    }),
    ...cloud("driver: tencentcloud", {
        zone: "ap-guangzhou-3",
        type: "S5.SMALL1",
        owner: "腾讯云",
        disks: "CLOUD_PREMIUM、CLOUD_BSSD、CLOUD_SSD 或 CLOUD_HSSD",
        changingDisk: "关机、转换云盘类型、再开机",
        changingSize: "关机、扩容、再开机；云不允许缩小",
        changingTraffic: "就地转换地址的计费方式，云最多允许两次",
    }),
    "regions[].place.charge": {
        description:
            "机器怎样付费：按小时、按月并自动续费，或者按竞价实例的价格（云可能随时收回机器）。",
        expected: "postpaid、prepaid 或 spot",
        changing: "postpaid 和 prepaid 之间就地转换；换成或换掉 spot 会重建机器",
    },
    "regions[].place.ssh": {
        description:
            "填写后，以后的修改通过 SSH 就地生效，只需几秒；机器使用 Pulumi 生成的主机密钥，所以第一次连接也经过验证。" +
            "不填就没有 22 端口，第一次安装通过 SSH 走中继自己的端口；之后在阿里云由云助手就地生效，在腾讯云会重建机器。",
        expected: "含有 allowFrom 的对象",
        changing: `增加或删除它${REPLACES}`,
        default: "无：没有 SSH",
    },
    "regions[].place.ssh.allowFrom": {
        description: "可以连接 22 端口的 IPv4 网段：你运行 Pulumi 的地方，别的都不要写。",
        expected:
            "互不相同的 IPv4 网段的列表，例如 203.0.113.7/32 或 203.0.113.0/24，前缀长度之后的位都是 0",
        changing: "只改安全组",
    },
    "regions[].place.securityUpdates": {
        description:
            "机器是否每天自动安装系统的安全更新，使用系统自己的 `unattended-upgrades` 或 `dnf-automatic`。不会重启机器，中继也不会重启。",
        expected: "true 或 false",
        changing: "就地生效；在腾讯云没有 `ssh` 时会重建机器",
    },
    "regions[].place.securityUpdates (driver: server)": {
        description:
            "服务器是否每天自动安装系统的安全更新，使用系统自己的 `unattended-upgrades` 或 `dnf-automatic`。不会重启服务器，中继也不会重启。",
        expected: "true 或 false",
        changing: "就地生效",
    },
    "regions[].place.metadataTokens": {
        description:
            "元数据服务是否要求令牌（IMDSv2）。只有镜像里的 cloud-init 早于 23.1 时才用 `optional`，例如 CentOS 7。",
        expected: "required 或 optional",
        changing: "只改元数据服务的设置",
    },
    ...chosen(
        "driver: alicloud",
        ipv6("打开时会重建机器，IPv4 地址和固定的证书不变；关闭时就地生效"),
    ),
    ...chosen("driver: tencentcloud", ipv6("会重建机器，IPv4 地址和固定的证书不变")),
    ...chosen(
        "driver: alicloud",
        credentials("regions[].place.credentials", "accessKeyId", "accessKeySecret"),
    ),
    ...chosen(
        "driver: tencentcloud",
        credentials("regions[].place.credentials", "secretId", "secretKey"),
    ),
    "regions[].place.address (driver: server)": {
        description: "服务器的 IPv4 地址，SSH 和中继的客户端都用它。",
        expected: "IPv4 地址",
        changing:
            "先从原来的服务器上卸载，再安装到新的服务器，其间几分钟没有中继；之后重新发布 derpMap",
    },
    "regions[].place.ipv6Address": {
        description: "服务器已有的公网 IPv6 地址，供中继的客户端使用；SSH 走 IPv4。",
        expected: "最短写法的全球单播 IPv6 地址，例如 2001:db8::7",
        changing: `只影响 derpMap 和 AAAA 记录；${NEW_MAP}`,
        default: "无",
    },
    "regions[].place.user": {
        description: "SSH 连接的用户：root，或者可以使用 `sudo -n` 的用户。",
        expected: "用户名",
        changing: CONNECTION,
    },
    "regions[].place.sshPort": {
        description: "SSH 的 TCP 端口。",
        expected: "1 到 65535 的整数",
        changing: CONNECTION,
    },
    "regions[].place.hostKey": {
        description:
            "服务器的主机公钥，第一次连接就用它来验证：在服务器的控制台里运行 `cat /etc/ssh/ssh_host_ecdsa_key.pub`。" +
            "服务器有几种密钥时，必须用 ECDSA 的那一把，因为 Pulumi 的 SSH 客户端首先要求它。",
        expected: "形如 ecdsa-sha2-nistp256 AAAAE2Vj… 的一行",
        changing: CONNECTION,
    },
    "regions[].place.privateKey": {
        description: "服务器接受的私钥，不带口令。",
        expected:
            "PEM 或 OpenSSH 格式、没有口令的私钥（`ssh-keygen -p -f KEY -N ''` 可去掉副本的口令）",
        changing: CONNECTION,
    },
    "regions[].place.address (driver: local)": {
        description: "机器在本机私有网桥上的 IPv4 地址；网桥使用同一 /24 网段的第一个地址。",
        expected: "最后一段为 2 到 254 的私有 IPv4 地址",
        changing: `会重建机器；${NEW_MAP}`,
        default: "10.90.0.(regionId - 800)",
    },
    "regions[].dns": {
        description:
            "域名的解析记录由谁托管，与机器在哪家云无关。`alidns`：阿里云云解析 DNS。`dnspod`：腾讯云 DNSPod。" +
            "不填就由你自己添加 A 记录，有 IPv6 时还有 AAAA 记录。",
        expected: '"alidns" 或 "dnspod"',
        changing: "只影响解析记录",
        default: "无",
    },
    "regions[].dns.zone": {
        description: "账号里托管解析的域名；hostname 必须属于它。",
        expected: "小写域名，例如 example.com",
        changing: "会重建解析记录",
    },
    ...chosen(
        "provider: alidns",
        credentials("regions[].dns.credentials", "accessKeyId", "accessKeySecret"),
    ),
    ...chosen(
        "provider: dnspod",
        credentials("regions[].dns.credentials", "secretId", "secretKey"),
    ),
};

"""Passwords of at least eight characters that every guesser tries first; in lower case."""

from __future__ import annotations

COMMON = frozenset(
    """
!@#$%^&* !@#$%^&*( !qaz2wsx !qaz@wsx 00000000 000000000 0000000000 0123456789 0987654321 0okm9ijn 10203040 102030405
1020304050 11111111 111111111 1111111111 11223344 1122334455 112233445566 12121212 123123123 12341234 12344321
123454321 12345678 123456789 1234567890 123456789a 12345678a 1234567a 123456qwerty 12345qwert 1234qwer 123654789
123qwe123 123qweasd 13131313 14725836 147258369 147852369 159357456 159753456 19841984 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y 1qaz!qaz 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20002000 20082008 20202020 20212021 20222022 20232023 20242024
20252025 27182818 31415926 314159265 321654987 456789123 741852963 789456123 87654321 88888888 963852741 987654321
9876543210 9ijn8uhb a1234567 a12345678 a123456789 a1b2c3d4 a1s2d3f4 aa123456 aa12345678 aaaaaa11 aaaaaaaa abc12345
abc123456 abcabc123 abcd1234 abcdefg1 abcdefgh abcdefghi admin123 admin1234 admin12345 admin123456 admin@123
adminadmin administrator administrator1 alexander alexander1 alexandra andrew123 anthony1 arsenal1 arsenal123
asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfqwer ashley123 autumn2023 autumn2024 autumn2025
azerty123 azertyuiop babyboy1 babygirl babygirl1 babygirl123 bailey123 banana123 barcelona barcelona1 baseball
baseball1 basketball batman123 beautiful beautiful1 benjamin biteme123 blessed1 blessing blink182 blueberry
brandon1 broncos1 budweiser bullshit business buster123 butterfly butterfly1 cameron1 champion champions change-me
changeit changeme changeme1 changeme123 charlie1 charlie123 cheese123 cheesecake cheetah1 chelsea1 chelsea123
chevrolet chocolate chocolate1 christian christine christopher cocacola cocacola1 coderev1 coderev123 codereview
codereview1 codereview123 company1 company123 computer computer1 contrasena contraseña cookie123 cookies1
correcthorsebatterystaple corvette counterstrike cowboys1 cupcake1 daniel123 danielle danielle1 database database1
database123 debian123 december default1 default123 demo1234 demodemo developer developer1 developer123 discovery
docker123 doggie123 dolphins donald123 dragon123 dragonball dragonball1 drummer1 eagles123 edward123 elephant
elephant1 elizabeth eminem123 engineer engineer1 explorer facebook facebook1 facebook123 february ferrari1 firefly1
football football1 football123 forever1 forever21 fortnite fortnite1 freedom1 freedom123 friday123 friends1
friends123 friendship galaxy123 gandalf1 garfield ginger123 gitadmin github123
gitlab123 godbless godisgood golang123 goodbye1 goodluck goodmorning google123 googlegoogle gorgeous greenday
greenday1 gryffindor guest123 guest1234 guestguest guitar123 hacker123 halflife hamburger hannah123 happiness
happy123 happyday harley123 harrypotter haslo123 heavenly heineken hello123 hello1234 hello12345 hellohello
helloworld helloyou heslo123 hogwarts hurricane ilovegod ilovejesus iloveme123 iloveu123 iloveyou iloveyou1
iloveyou123 iloveyou2 internet internet1 internet123 iphone123 jackdaniels january1 jasmine1 javascript javascript1
jenkins1 jenkins123 jenkins1234 jennifer jennifer1 jessica1 jesus123 jesuschrist jonathan jordan123 jordan23
joshua123 justin123 juventus1 kawasaki kitty123 kittycat kubernetes lakers123 lamborghini legolas1 leopard1 letmein1
letmein12 letmein123 letmeinnow letsgo123 liberty1 lightning linkedin linkedin1 linux123 liverpool liverpool1
lkjhgfdsa loveforever lovelove loveme123 loveyou1 madison1 maggie123 maintainer manager1 manager123 manchester
manutd123 margaret marlboro marshall master123 masterkey matthew1 mercedes mermaid1 metallica metallica1 michael1
michelle mickey123 microsoft microsoft1 midnight midnight1 minecraft minecraft1 minnie123 mnbvcxz1 mnbvcxz123
monday123 monkey12 monkey123 moonlight motdepasse musician mustang1 mustang123 mypassword mypassword1 mysecret
mysql123 naruto123 nicholas nicholas1 nintendo nintendo1 nirvana1 nopassword november office123 okokokok operator1
oracle12 oracle123 orange123 p@55w0rd p@ssw0rd p@ssw0rd1 p@ssw0rd123 p@ssword p@ssword1 pa$$w0rd pa$$word pa55word
packers1 panther1 panthers paradise pass1234 pass12345 pass123456 passpass passpass1 passw0rd passw0rd1 passw0rd123
password password! password01 password1 password1! password11 password12 password123 password1234 password2
password2023 password2024 password2025 password3 password99 password@123 passwort passwort1 passwort123 patricia
patriots pepper123 pepsi123 phoenix1 phoenix123 pikachu1 pizza123 playstation plmoknijb poiuytrewq pokemon1
pokemon123 porsche1 porsche911 postgres postgres1 postgres123 precious princesa princess princess1 programmer
puppy123 purple123 python123 python3.11 q1w2e3r4 q1w2e3r4t5 qazqazqaz qazwsx123 qazwsxedc qqqqqqqq
qwe!@#123 qwe123qwe qweasdzxc qweqweqwe qwer1234 qwerasdf qwerty!@# qwerty12 qwerty123 qwerty1234 qwerty12345
qwerty123456 qwertyui qwertyuiop qwertz123 qwertzuiop rainbow1 rainbow123 rangers1 raspberry realmadrid redskins
repository reviewer reviewer1 richard1 robert123 roblox123 rockstar rockstar1 root1234 root12345 rootroot rustlang
samantha samsung1 samsung123 scooby123 secret12 secret123 secretsecret security security1 security123 senha123
september server123 service1 service123 shadow12 shadow123 simpsons skittles slipknot slipknot1 snickers snoopy123
softball sonar123 sonarqube southpark spaghetti spiderman spiderman1 spring123 spring2023 spring2024 spring2025
starlight starwars starwars1 steelers steelers1 stephanie stephen1 strawberry summer123 summer2020 summer2021
summer2022 summer2023 summer2024 summer2025 sunday123 sunshine sunshine1 superman superman1 supersecret superstar
suzuki123 sweetheart sweetie1 sweetpea system123 test1234 test12345 test123456 tester123 testing1 testing123
testtest thankyou thankyou1 thepassword thomas123 thunder1 thunder123 tiger123 tigers123 tigger123 toor1234
topsecret tornado1 toyota123 trumpet1 trustno1 trustno11 twilight typescript ubuntu123 unicorn1 unicorn123 universe
user1234 user12345 useruser vampire1 veronica victoria victory1 volleyball wachtwoord warcraft warriors welcome1
welcome12 welcome123 welcome2 welcome2024 welcome2025 whatever whatever1 william1 windows1 windows10 windows123
winner123 winter123 winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 worldofwarcraft xbox360!
xxxxxxxx yamaha123 yankees1 zaq!2wsx zaq!@wsx zaq12wsx zaq1zaq1 zxcvbnm, zxcvbnm1 zxcvbnm123 zxczxczxc zzzzzzzz
""".split()  # noqa: SIM905 - six hundred quotation marks would not help a reader
)

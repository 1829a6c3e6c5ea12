#: torch: 분류기(4, 3)
#: cost: cross-entropy mean
# 간단한 신경망 예제입니다.
import torch
import torch.nn as nn


class 분류기(nn.Module):
    """두 층으로 된 분류기."""

    def __init__(self, 입력, 출력):
        super().__init__()
        self.층1 = nn.Linear(입력, 5)  # 첫 번째 층
        self.층2 = nn.Linear(5, 출력)  # 두 번째 층

    def forward(self, 값):
        은닉 = torch.relu(self.층1(값))  # 활성화 함수
        return self.층2(은닉)


모델 = 분류기(4, 3)
